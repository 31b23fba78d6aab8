"""What made the figures, with every seed."""

from dataclasses import replace

from hatetinyllm.reporting.report.provenance import provenance_of, without_seeds


def test_identities_versions_seeds_dates_and_the_recipe(subject, see) -> None:
    said = see(provenance_of(subject)).said
    for word in (
        "sha256:" + "c" * 64,
        "intervals 42, data 7, train 42",
        "2026-02-03",
        "python 3.11.7",
        "epochs = 3",
        ".6500",
        "layers 1",
    ):
        assert word in said


def test_recipes_that_differ_in_seeds_alone_are_one() -> None:
    assert without_seeds("a = 1\nseed = 2\n") == without_seeds("a = 1\nseed = 3\n")
    assert without_seeds("a = 1\n") != without_seeds("a = 2\n")


def test_little_is_told_of_little(bare, see) -> None:
    assert "The recipe" not in see(provenance_of(bare)).said
    odd = replace(bare, judgement=replace(bare.judgement, manifest={"text": {}, "base": None}))
    see(provenance_of(odd))
