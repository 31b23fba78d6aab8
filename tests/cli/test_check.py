"""`check` runs a suite like a test runner: words and colours for people, JSON and JUnit for programs, and an exit code."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

CASES = """
[[function]]
name = "plain"
label = "hate"
cases = [{ text = "An awful sentence about gnomes.", group = "gnomes", id = "p1" }, "Another awful one."]

[[function]]
name = "denied"
label = "not_hate"
cases = [{ text = "Not an awful sentence about gnomes.", group = "gnomes", partner = "p1" }]
"""


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "cases.toml").write_text(CASES, encoding="utf-8")
    (tmp_path / "filter_of_check.py").write_text("def scores(texts):\n    return ['awful' in text for text in texts]\n")
    monkeypatch.chdir(tmp_path)
    return "cases.toml"


DETECTOR = "python:filter_of_check:scores"


def test_a_bundle_is_checked_the_minute_there_is_one(call, golden_bundle: Path) -> None:
    answer = call("check", "starter", golden_bundle)
    assert answer.code == 0
    assert "golden on starter" in answer.out
    assert "the worst" in answer.out
    assert "no bar was set" in answer.out.splitlines()[-1]
    assert "·" in answer.out
    assert "worth less" not in answer.out.replace("are said to be worth less", "")


def test_failing_functions_come_first_and_one_line_ends_it(call, cases: str) -> None:
    answer = call("check", cases, DETECTOR, "--bar", 0.5)
    assert answer.code == 1
    lines = answer.out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("✗"))
    assert "denied" in lines[first]
    assert "plain" in lines[first + 1]
    assert lines[first + 1].startswith("✓")
    assert lines[-1].startswith("FAILED  1 of 2 functions below their bar; 2 of 3 cases pass (0.667")
    assert "flip the label" in answer.out


def test_texts_are_masked_unless_asked_for(call, cases: str) -> None:
    assert "gnomes." not in call("check", cases, DETECTOR).out
    assert "Not an awful sentence about gnomes." in call("check", cases, DETECTOR, "--show-text").out
    assert "failing cases" not in call("check", cases, DETECTOR, "--cases", 0).out


def test_a_program_gets_the_result_the_figures_and_the_gate(call, cases: str) -> None:
    answer = call("check", cases, DETECTOR, "--bar", 0.5, "--json")
    assert answer.code == 1
    assert answer.json["gate"]["passed"] is False
    assert answer.json["figures"]["overall"]["passed"] == 2
    assert [one["passed"] for one in answer.json["outcomes"]] == [True, True, False]
    assert "awful" not in answer.out


def test_a_stored_result_gates_the_next_one(call, golden_bundle: Path, tmp_path: Path) -> None:
    last, junit = tmp_path / "last.json", tmp_path / "junit.xml"
    answer = call("check", "starter", golden_bundle, "--save", last, "--junit", junit)
    assert answer.code == 0
    assert ElementTree.fromstring(junit.read_text(encoding="utf-8")).get("tests") == "162"
    same = call("check", "starter", golden_bundle, "--last", last)
    assert same.code == 0
    assert "the same cases pass" in same.out
    worse = call("check", "starter", golden_bundle, "--threshold", 1, "--last", last, "--json")
    assert worse.code == 1
    assert worse.json["gate"]["failures"]
    content = json.loads(last.read_text(encoding="utf-8"))
    content["suite"] = "another"
    last.write_text(json.dumps(content), encoding="utf-8")
    refused = call("check", "starter", golden_bundle, "--last", last)
    assert refused.code == 2
    assert "of another suite" in refused.err


def test_a_regression_is_shown_with_the_cases_that_were_lost(call, cases: str, golden_bundle: Path, tmp_path: Path) -> None:
    last = tmp_path / "last.json"
    assert call("check", "starter", "python:filter_of_check:scores", "--save", last).code == 0
    (tmp_path / "turned_of_check.py").write_text("def scores(texts):\n    return [True for text in texts]\n")
    answer = call("check", "starter", "python:turned_of_check:scores", "--last", last)
    assert answer.code == 1
    assert "got worse" in answer.out
    assert "got better" in answer.out
    assert "welcome-1-women" in answer.out


def test_the_first_run_of_a_ci_has_nothing_to_compare_with(call, golden_bundle: Path, tmp_path: Path) -> None:
    last = tmp_path / "last.json"
    first = call("check", "starter", golden_bundle, "--last", last, "--save", last)
    assert first.code == 0
    assert "nothing is compared this time" in first.err
    assert call("check", "starter", golden_bundle, "--last", last, "--save", last).code == 0


def test_a_result_that_fails_never_takes_the_place_of_the_one_it_is_held_against(call, cases: str, tmp_path: Path) -> None:
    last = tmp_path / "last.json"
    call("check", cases, DETECTOR, "--bar", 0, "--save", last)
    before = last.read_bytes()
    failed = call("check", cases, DETECTOR, "--bar", 1, "--last", last, "--save", last)
    assert failed.code == 1
    assert "keeps the last result that passed" in failed.err
    assert last.read_bytes() == before
    assert call("check", cases, DETECTOR, "--bar", 1, "--last", last, "--save", tmp_path / "new.json").code == 1
    assert (tmp_path / "new.json").is_file()


def test_init_writes_cases_to_begin_with_and_never_over_others(call, cases: str, golden_bundle: Path) -> None:
    assert call("check", "--init", "mine.toml").code == 0
    assert call("check", "mine.toml", golden_bundle).code in (0, 1)
    again = call("check", "--init", "mine.toml")
    assert again.code == 2
    assert "is there already" in again.err
    assert call("check", "--init", "mine.csv").code == 2


def test_bars_of_a_file(call, cases: str, tmp_path: Path) -> None:
    (tmp_path / "bars.toml").write_text("denied = 0\n", encoding="utf-8")
    assert call("check", cases, DETECTOR, "--bars", "bars.toml", "--bar", 0.9).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a suite and a detector are needed"),
        (("cases.toml",), "a suite and a detector are needed"),
        (("hatechek", DETECTOR), "did you mean 'hatecheck'"),
        (("cases.toml", "opanai:http://127.0.0.1:1"), "did you mean 'openai'"),
        (("cases.toml", "openai:http://127.0.0.1:1"), "cannot be reached"),
        (("cases.toml", DETECTOR, "--mode", "balanced"), "it has no --mode"),
        (("cases.toml", "nowhere"), "there is no bundle"),
        (("cases.toml", DETECTOR, "--last", "nowhere.json"), "there is no result"),
    ],
)
def test_mistakes_are_told(call, cases: str, words: tuple[str, ...], said: str) -> None:
    answer = call("check", *words)
    assert answer.code == 2
    assert said in answer.err


def test_a_key_stands_nowhere(call, cases: str, stub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MY_KEY", "sk-of-a-test")
    found = call("check", cases, f"perspective:{stub.address}", "--key-env", "MY_KEY", "--save", "r.json", "--junit", "j.xml")
    assert found.code == 0
    assert "key=sk-of-a-test" in stub.asked[0][0]
    stub.status = 403
    refused = call("--debug", "check", cases, f"perspective:{stub.address}", "--key-env", "MY_KEY")
    assert refused.code == 2
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "r.json", tmp_path / "j.xml"))
    assert "sk-of-a-test" not in f"{found.out}{found.err}{refused.out}{refused.err}{written}"
