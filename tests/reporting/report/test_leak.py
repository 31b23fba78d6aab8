"""The verdict of an audit, or what to run."""

from dataclasses import replace

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.reporting.report.leak import audit_in, leak_of, leak_words


def test_a_split_that_leaks_is_a_warning_with_its_reasons(subject, see) -> None:
    said = see(leak_of(subject)).said
    for word in ("This split leaks.", "kin are parted", ".790", "80 rows", ".800", "9 rows"):
        assert word in said
    assert "Another split" not in said


def test_a_clean_split_is_said_to_be(subject, audit, see) -> None:
    clean = {**audit, "verdict": "clean", "reasons": [], "histogram": []}
    said = see(leak_of(replace(subject, audit=clean))).said
    assert "Clean: no kin are parted" in said
    assert "Nothing of the judged part" in leak_words(replace(subject, audit=clean))


def test_an_audit_of_another_split_is_told_as_such(subject, audit) -> None:
    assert "Another split." in leak_of(replace(subject, audit={**audit, "how": "random"}))
    assert "Another split." in leak_of(replace(subject, audit={**audit, "name": "other"}))


def test_without_an_audit_the_command_is_told(bare) -> None:
    assert "--set split.name=grouped --json" in leak_of(bare)
    assert leak_words(bare) == ""


def test_an_audit_is_read_alone_or_under_its_name(audit) -> None:
    assert audit_in(audit, "a.json") is audit
    assert audit_in({"audit": audit}, "a.json") is audit


@pytest.mark.parametrize("content", [[], {}, {"verdict": "clean"}, 3, None])
def test_what_is_no_audit_is_told(content: object) -> None:
    with pytest.raises(DataError, match=r"a\.json holds no audit"):
        audit_in(content, "a.json")
