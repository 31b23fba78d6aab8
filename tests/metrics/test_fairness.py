"""Figures per group by hand, against scikit-learn and scipy, and where groups are small."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.fairness import (
    bnsp_auc,
    bpsn_auc,
    fairness_of,
    generalised_mean,
    jigsaw_final,
    negative_aeg,
    positive_aeg,
    subgroup_auc,
)
from hatetinyllm.metrics.rate import wilson

TRUTH = np.array([1, 1, 0, 0, 1, 1, 0, 0])
SCORES = np.array([0.9, 0.6, 0.7, 0.2, 0.8, 0.65, 0.3, 0.1])
GROUP = np.array([True] * 4 + [False] * 4)


def test_by_hand() -> None:
    assert subgroup_auc(TRUTH, SCORES, GROUP) == 3 / 4  # .9 .6 against .7 .2
    assert bpsn_auc(TRUTH, SCORES, GROUP) == 3 / 4  # .8 .65 of the others against .7 .2 of the group
    assert bnsp_auc(TRUTH, SCORES, GROUP) == 1  # .9 .6 of the group against .3 .1 of the others
    assert positive_aeg(TRUTH, SCORES, GROUP) == 0  # .9 above both, .6 below both
    assert negative_aeg(TRUTH, SCORES, GROUP) == 0.25  # .7 above both, .2 above one

    found = fairness_of(TRUTH, SCORES, {"them": GROUP}, threshold=0.5, needed=2)
    (them,) = found.groups
    assert (them.positives, them.negatives, them.sufficient) == (2, 2, True)
    assert (them.fpr, them.fnr) == (0.5, 0)
    assert (them.fpr_interval, them.fnr_interval) == (wilson(1, 2), wilson(0, 2))
    assert (found.fpr, found.fnr) == (0.25, 0)
    assert (found.fped, found.fpr_gap, found.fned, found.fnr_gap) == (0.25, 0.25, 0, 0)
    assert (found.subgroup_auc, found.bpsn_auc, found.bnsp_auc) == pytest.approx((0.75, 0.75, 1))
    assert found.auroc == pytest.approx(14 / 16)
    assert found.jigsaw == pytest.approx((14 / 16 + 0.75 + 0.75 + 1) / 4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 6)), max_size=40))
def test_they_are_areas_of_scikit_learn_and_counts_of_scipy(rows: list[tuple[bool, bool, int]]) -> None:
    every = [(label, group, 3) for label in (True, False) for group in (True, False)]
    truth, group, scores = (np.array(column) for column in zip(*every, *rows, strict=True))
    truth, scores = truth.astype(int), scores.astype(float)
    for metric, kept in {
        subgroup_auc: group,
        bpsn_auc: (group & (truth == 0)) | (~group & (truth == 1)),
        bnsp_auc: (group & (truth == 1)) | (~group & (truth == 0)),
    }.items():
        assert metric(truth, scores, group) == pytest.approx(roc_auc_score(truth[kept], scores[kept]))
    for metric, label in ((positive_aeg, 1), (negative_aeg, 0)):
        inside, outside = scores[group & (truth == label)], scores[~group & (truth == label)]
        below = mannwhitneyu(outside, inside).statistic  # pairs in which the background scores above
        assert metric(truth, scores, group) == pytest.approx(0.5 - below / (len(inside) * len(outside)))
        assert metric(truth, scores, ~group) == pytest.approx(-metric(truth, scores, group))


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=10))
def test_a_generalised_mean_lies_near_the_worst(values: list[float]) -> None:
    found = generalised_mean(values)
    assert min(values) - 1e-9 <= found <= float(np.mean(values)) + 1e-9
    assert generalised_mean(values, power=1) == pytest.approx(np.mean(values))
    assert generalised_mean(values, power=-1) == pytest.approx(len(values) / np.sum(1 / np.array(values)))
    assert found == pytest.approx(np.mean([value**-5.0 for value in values]) ** (-1 / 5))


def test_one_group_at_nothing_takes_the_mean_with_it_and_no_group_has_none() -> None:
    assert generalised_mean([0.0, 0.9]) == 0
    assert math.isnan(generalised_mean([]))
    assert jigsaw_final(0.8, 0.6, 0.7, 0.9) == pytest.approx(0.75)


def test_a_small_group_is_named_with_its_counts_and_counts_for_nothing() -> None:
    generator = np.random.default_rng(0)
    truth = np.array([0, 1] * 200)
    scores = np.clip(0.3 * truth + generator.uniform(0, 0.7, 400), 0, 1)
    large, small = np.arange(400) < 120, np.arange(400) >= 302
    found = fairness_of(truth, scores, {"large": large, "small": small}, threshold=0.5)
    one, other = found.groups
    assert one.sufficient
    assert (other.positives, other.negatives, other.sufficient) == (49, 49, False)
    assert other.subgroup_auc is other.bpsn_auc is other.fpr is other.fpr_interval is other.fnr is None
    alone = fairness_of(truth, scores, {"large": large}, threshold=0.5)
    assert (found.bpsn_auc, found.fped, found.fnr_gap) == (alone.bpsn_auc, alone.fped, alone.fnr_gap)
    assert one.fpr is not None
    assert found.fpr is not None
    assert found.fped == found.fpr_gap == pytest.approx(abs(one.fpr - found.fpr))
    both = fairness_of(truth, scores, {"large": large, "small": small}, threshold=0.5, needed=49)
    assert [group.sufficient for group in both.groups] == [True, True]
    assert both.fped is not None
    assert both.fpr_gap is not None
    assert both.fped >= both.fpr_gap


@pytest.mark.parametrize("groups", [{}, {"none": np.zeros(8, dtype=bool)}])
def test_without_a_sufficient_group_there_is_nothing_to_say_of_them_together(groups: dict[str, np.ndarray]) -> None:
    found = fairness_of(TRUTH, SCORES, groups, threshold=0.5, needed=0)
    assert found.auroc is not None
    assert found.bpsn_auc is found.jigsaw is found.fped is found.fpr_gap is found.fnr_gap is None


def test_a_group_of_all_rows_has_no_background_to_compare_with() -> None:
    found = fairness_of(TRUTH, SCORES, {"all": np.ones(8, dtype=bool)}, threshold=0.5, needed=1)
    assert found.groups[0].subgroup_auc == found.auroc
    assert found.groups[0].bpsn_auc is found.groups[0].positive_aeg is found.bpsn_auc is found.jigsaw is None


def test_rows_of_one_label_leave_open_what_needs_both() -> None:
    found = fairness_of(np.ones(8, dtype=int), SCORES, {"them": GROUP}, threshold=0.5)
    assert found.auroc is found.fpr is found.fped is None
    assert found.fnr == 3 / 8  # .2, .3 and .1


def test_the_order_of_rows_changes_nothing() -> None:
    order = np.random.default_rng(1).permutation(8)
    one = fairness_of(TRUTH, SCORES, {"them": GROUP}, threshold=0.5, needed=1)
    assert one == fairness_of(TRUTH[order], SCORES[order], {"them": GROUP[order]}, threshold=0.5, needed=1)


def test_marks_of_other_rows_are_refused() -> None:
    with pytest.raises(DataError, match="them does not"):
        fairness_of(TRUTH, SCORES, {"them": GROUP[:-1]}, threshold=0.5)


def test_kin_are_no_witnesses_of_their_own() -> None:
    """Five copies of each row say no more than one of them: the interval does not shrink."""
    generator = np.random.default_rng(5)
    truth, scores = np.tile([0, 1], 150), generator.random(300)
    copies = (np.tile(truth, 5), np.tile(scores, 5), {"them": np.ones(1500, dtype=bool)})
    alone, forgotten, kin = (
        fairness_of(*own, threshold=0.5, clusters=clusters).groups[0]
        for own, clusters in (
            ((truth, scores, {"them": np.ones(300, dtype=bool)}), np.arange(300)),
            (copies, None),
            (copies, np.tile(np.arange(300), 5)),
        )
    )
    for name in ("fpr_interval", "fnr_interval"):
        widths = [getattr(one, name).high - getattr(one, name).low for one in (alone, forgotten, kin)]
        assert widths[1] < 0.55 * widths[0]
        assert widths[2] == pytest.approx(widths[0], rel=0.15)
    assert (kin.fpr, kin.fnr) == (forgotten.fpr, forgotten.fnr) == (alone.fpr, alone.fnr)


def test_few_groups_of_kin_have_no_interval_and_rows_that_are_all_right_one_of_their_groups() -> None:
    truth = np.tile([0, 1], 100)
    marks = {"them": np.ones(200, dtype=bool)}
    few = fairness_of(truth, truth.astype(float), marks, threshold=0.5, clusters=np.arange(200) // 25).groups[0]
    assert (few.fpr, few.fpr_interval, few.fnr_interval) == (0.0, None, None)
    pairs = fairness_of(truth, truth.astype(float), marks, threshold=0.5, clusters=np.arange(200) // 4).groups[0]
    assert pairs.fpr_interval == wilson(0, 50)
