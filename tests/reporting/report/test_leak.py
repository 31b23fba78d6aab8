"""The verdict of an audit, or what to run."""

from dataclasses import replace

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.reporting.report.headline import headline_of
from hatetinyllm.reporting.report.leak import audit_in, beside_the_point, leak_of, leak_words


def test_a_split_that_leaks_is_a_warning_with_its_reasons(subject, see) -> None:
    said = see(leak_of(subject)).said
    for word in ("This split leaks.", "kin are parted", ".790", "80 rows", ".800", "9 rows"):
        assert word in said
    assert "Beside the point" not in said


def test_a_clean_split_is_said_to_be(subject, audit, see) -> None:
    clean = {**audit, "verdict": "clean", "reasons": [], "histogram": []}
    said = see(leak_of(replace(subject, audit=clean))).said
    assert "Clean: no kin are parted" in said
    assert "Nothing of the judged part" in leak_words(replace(subject, audit=clean))


@pytest.mark.parametrize(
    ("audited", "learnt", "said"),
    [
        ({"how": "random"}, {}, "split random; the rows above are of"),
        ({"name": "other"}, {}, "This audit is of other"),
        ({}, {"name": "demo"}, "learnt from demo, not from the train part"),
        ({}, {"how": "grouped"}, "learnt from split grouped"),
    ],
)
def test_an_audit_that_does_not_speak_of_these_figures_says_so(subject, audit, audited: dict, learnt: dict, said: str) -> None:
    manifest = {**subject.judgement.manifest, "data": {"name": audit["name"], "how": "official", **learnt}}
    apart = replace(subject, audit={**audit, **audited}, judgement=replace(subject.judgement, manifest=manifest))
    assert said in beside_the_point(apart)
    assert "Beside the point." in leak_of(apart)
    assert "The split leaks." not in headline_of(apart)
    assert said in leak_words(apart)


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
