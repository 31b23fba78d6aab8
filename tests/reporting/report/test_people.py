"""Groups with enough rows have rates, the others say why not."""

from dataclasses import replace

from hatetinyllm.reporting.report.people import people_of


def test_groups_are_judged_or_insufficient(subject, see) -> None:
    said = see(people_of(subject)).said
    assert "sailors · 80" in said
    assert "all bakers · 80" in said
    assert "insufficient: 0 and 0" in said
    assert "Terms, made up" in said
    assert "Annotated: mentions" in said
    assert "get another label once others are named" in said


def test_a_source_without_a_group_of_enough_rows_says_so(subject, see) -> None:
    (found, *_) = subject.judgement.groups
    few = tuple(replace(one, sufficient=False) for one in found.fairness.groups)
    none = replace(found, fairness=replace(found.fairness, groups=few))
    judgement = replace(subject.judgement, groups=(none,), swaps=None)
    assert "Insufficient for every group" in see(people_of(replace(subject, judgement=judgement))).said
    empty = replace(found, fairness=replace(found.fairness, groups=()))
    assert "No row names a group." in people_of(replace(subject, judgement=replace(judgement, groups=(empty,))))


def test_nobody_looked_for_is_said(bare) -> None:
    assert "No group of people was looked for." in people_of(bare)
