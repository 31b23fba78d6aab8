"""An endpoint is asked patiently and safely: busy ones again, strangers' redirects never, and keys stand nowhere."""

import time

import pytest

from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors import endpoint as endpoint_module
from hatetinyllm.inference.detectors.endpoint import Endpoint, Key, Refusal, address_of, key_for

SECRET = "sk-of-a-test"
BODY = {"input": ["a mild one"]}


@pytest.fixture
def asked(stub):
    return Endpoint(f"{stub.address}/v1/moderations", Key(variable="KEY", value=SECRET), timeout_s=5)


def test_an_answer_is_read_and_the_key_goes_in_its_header(stub, asked) -> None:
    assert asked.ask(BODY)["results"][0]["category_scores"]["hate"] == 0.1
    (path, headers, body) = stub.asked[0]
    assert (path, headers["Authorization"], body) == ("/v1/moderations", f"Bearer {SECRET}", BODY)


def test_a_busy_endpoint_is_asked_again_after_the_time_it_names(stub, asked) -> None:
    stub.busy, stub.headers = 2, {"Retry-After": "0.2"}
    start = time.perf_counter()
    assert asked.ask(BODY)["model"] == "stub"
    assert time.perf_counter() - start >= 0.4
    assert len(stub.asked) == 3


def test_one_that_stays_busy_is_told_in_the_end(stub, asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "FIRST_WAIT_S", 0.001)
    stub.status = 503
    with pytest.raises(DetectorError, match="asked 6 times, it answers 503 told_to"):
        asked.ask(BODY)
    assert len(stub.asked) == 6


def test_a_wait_beyond_all_patience_is_told_at_once(stub, asked) -> None:
    stub.busy, stub.headers = 1, {"Retry-After": "7200"}
    with pytest.raises(DetectorError, match="asks to wait 7,200 s"):
        asked.ask(BODY)


def test_a_date_in_retry_after_is_understood(stub, asked) -> None:
    stub.busy, stub.headers = 1, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert asked.ask(BODY)["model"] == "stub"


def test_a_refusal_is_a_value_whose_reason_holds_no_text(stub, asked) -> None:
    stub.refuses = lambda text: True
    found = asked.ask(BODY)
    assert isinstance(found, Refusal)
    assert found.reason == "400 too_long"
    assert "a mild one" in found.message


@pytest.mark.parametrize(
    ("status", "said"), [(401, "is the key in KEY right"), (404, "is the address right"), (307, "sends on to another address")]
)
def test_what_no_patience_mends_is_told_at_once_without_the_key(stub, asked, status: int, said: str) -> None:
    stub.status, stub.headers = status, {"Location": f"{stub.address}/elsewhere"}
    with pytest.raises(DetectorError, match=said) as told:
        asked.ask(BODY)
    assert len(stub.asked) == 1
    assert SECRET not in f"{told.value} {told.value.__cause__}"


def test_what_is_no_json_is_told(stub, asked) -> None:
    asked.ask(BODY)
    stub.wrong = b"<html>hello</html>"
    with pytest.raises(DetectorError, match="no JSON"):
        asked.ask(BODY)


def test_an_endpoint_that_is_not_there_is_told_at_once() -> None:
    start = time.perf_counter()
    with pytest.raises(DetectorError, match=r"127\.0\.0\.1:1/ cannot be reached"):
        Endpoint("http://127.0.0.1:1/", Key(variable="KEY", value=SECRET, parameter="key"), timeout_s=5).ask(BODY)
    assert time.perf_counter() - start < 2


def test_a_slow_endpoint_is_told(stub) -> None:
    stub.score = lambda text: time.sleep(0.5) or 0.1
    with pytest.raises(DetectorError, match=r"no answer within 0\.1 s"):
        Endpoint(f"{stub.address}/v1/moderations", None, timeout_s=0.1).ask(BODY)


def test_a_key_in_the_address_stands_in_no_error(stub) -> None:
    stub.status = 403
    with pytest.raises(DetectorError, match="wants a key") as told:
        Endpoint(f"{stub.address}/x", Key(variable="KEY", value=SECRET, parameter="key"), timeout_s=5).ask(BODY)
    assert stub.asked[0][0] == f"/x?key={SECRET}"
    assert SECRET not in str(told.value)
    assert SECRET not in repr(Key(variable="KEY", value=SECRET))


def test_an_endpoint_that_ended_is_not_asked(stub, asked) -> None:
    asked.end()
    with pytest.raises(DetectorError, match="no longer asked"):
        asked.ask(BODY)
    assert not stub.asked


def test_addresses_are_checked_and_get_their_usual_path() -> None:
    assert address_of("https://example.org", "/v1/moderations") == "https://example.org/v1/moderations"
    assert address_of("https://example.org/own/path", "/v1/moderations") == "https://example.org/own/path"
    with pytest.raises(DetectorError) as told:
        address_of("ftp://me:secret@example.org/x?key=secret", "/")
    assert len(told.value.problems) == 3
    assert "secret" not in str(told.value)


def test_a_key_is_sent_only_where_it_is_safe_or_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USUAL_KEY_OF_A_TEST", SECRET)
    name = "USUAL_KEY_OF_A_TEST"
    assert key_for("https://example.org/", None, name).value == SECRET
    assert key_for("http://127.0.0.1:80/", None, name).value == SECRET
    assert key_for("http://example.org/", None, name) is None
    assert key_for("http://example.org/", name, None).value == SECRET
    assert key_for("https://example.org/", None, None) is None


def test_a_named_key_must_be_set_and_fit_into_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY_OF_A_TEST", raising=False)
    with pytest.raises(DetectorError, match="KEY_OF_A_TEST is not set"):
        key_for("https://example.org/", "KEY_OF_A_TEST", None)
    assert key_for("https://example.org/", None, "KEY_OF_A_TEST") is None
    monkeypatch.setenv("KEY_OF_A_TEST", "a\nb")
    with pytest.raises(DetectorError, match="is no key"):
        key_for("https://example.org/", "KEY_OF_A_TEST", None)
