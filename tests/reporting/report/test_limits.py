"""Limits are those of such figures and of these very ones."""

from hatetinyllm.reporting.report.limits import INTENDED, NOT_INTENDED, limits_in_words, limits_of


def test_what_it_is_for_and_not_for(subject, see) -> None:
    said = see(limits_of(subject)).said
    assert all(line in said for line in (*INTENDED, *NOT_INTENDED))


def test_parts_and_groups_of_few_rows_are_limits(subject) -> None:
    found = limits_in_words(subject)
    assert any("treats these groups alike" in line and "nobody" in line for line in found)
    assert any("Too few rows to say anything of" in line for line in found)


def test_a_judgement_of_little_has_the_common_limits(bare) -> None:
    assert len(limits_in_words(bare)) == 3
