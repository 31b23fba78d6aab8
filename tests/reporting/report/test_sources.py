"""Data and licences of what it was judged on and what it learnt from."""

from dataclasses import replace

import pytest

from hatetinyllm.reporting.report.sources import base_words, card_of, licence_sentence, sources_of, traps_of


def test_both_data_have_their_licence_digest_and_traps(subject, see) -> None:
    page = see(sources_of(subject))
    for word in ("CC BY 4.0", "Apache License 2.0", "a" * 64, "d" * 64, "f" * 64, "train 100, dev 20"):
        assert word in page.said
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert "https://creativecommons.org/licenses/by/4.0/" in links


def test_the_traps_of_the_data_are_told(subject, see) -> None:
    manifest = {**subject.judgement.manifest, "data": {"name": "demo"}}
    assert "Made up at a desk" in see(sources_of(replace(subject, judgement=replace(subject.judgement, manifest=manifest)))).said


def test_data_of_a_card_is_linked_to_its_source() -> None:
    assert card_of("dynahate") is not None
    assert card_of("<b>") is None
    assert "partner" in traps_of("dynahate")[0]


@pytest.mark.parametrize("base", ["", "some terms"])
def test_the_effective_licence_is_of_all_parts(subject, base: str) -> None:
    manifest = {
        **subject.judgement.manifest,
        "base_licence": base,
        "data": {"name": "x", "licences": ["cc-by-nc-4.0", "strange"]},
    }
    said = licence_sentence(replace(subject, judgement=replace(subject.judgement, manifest=manifest)))
    assert "no commercial use" in said
    assert "not recorded" in said
    assert (base in said) or not base


def test_a_base_is_told_with_revision_and_licence(subject) -> None:
    manifest = {**subject.judgement.manifest, "base": {"source": "a/b", "sha256": "0", "revision": "r1", "licence": ""}}
    told = base_words(replace(subject, judgement=replace(subject.judgement, manifest=manifest)))
    assert told == "a/b, revision r1, licence not stated"


def test_what_is_not_recorded_is_said(bare, see) -> None:
    said = see(sources_of(bare)).said
    assert "Not recorded." in said
    assert "No file" in said
