"""Paired tests against scipy, closed forms, and their level in a simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, permutation_test

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.paired import flips_of_groups, holm, mcnemar, permutation


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_a_binomial_test_of_the_rows_that_differ(only_a: int, only_b: int) -> None:
    found, apart = mcnemar(only_a, only_b), only_a + only_b
    assert found.how == ("exact" if apart < 25 else "mid-p")
    assert found.p == pytest.approx(mcnemar(only_b, only_a).p)
    assert 0 < found.p <= 1
    exact = binomtest(only_a, apart).pvalue if apart else 1.0
    middle = 0.0 if found.how == "exact" else binom.pmf(only_a, apart, 0.5)
    assert found.p == pytest.approx(min(1.0, exact - middle if only_a != only_b else 1.0))


def test_mcnemar_by_hand() -> None:
    assert mcnemar(0, 0).p == 1
    assert mcnemar(0, 5).p == pytest.approx(2 / 2**5)
    assert mcnemar(1, 5).p == pytest.approx(2 * (1 + 6) / 2**6)
    assert mcnemar(12, 12).p == 1
    assert mcnemar(15, 15).p == pytest.approx(1)
    assert mcnemar(0, 30).p == pytest.approx(1 / 2**30)  # half of the exact one


def test_mid_p_keeps_its_level_where_the_exact_test_is_shy() -> None:
    apart = 40
    splits = np.arange(apart + 1)
    p = np.array([mcnemar(int(split), apart - int(split)).p for split in splits])
    level = binom.pmf(splits, apart, 0.5)[p <= 0.05].sum()
    exact = binom.pmf(splits, apart, 0.5)[[binomtest(int(split), apart).pvalue <= 0.05 for split in splits]].sum()
    assert exact <= level <= 0.055


def test_negative_counts_are_refused() -> None:
    with pytest.raises(DataError, match="counted from 0, got -1"):
        mcnemar(-1, 3)


def test_holm_by_hand() -> None:
    found = holm({"c": 0.04, "a": 0.01, "d": 0.03, "b": 0.005})
    assert list(found) == ["c", "a", "d", "b"]
    assert found == pytest.approx({"b": 0.02, "a": 0.03, "d": 0.06, "c": 0.06})
    assert holm({}) == {}
    assert holm({"one": 0.2}) == {"one": 0.2}


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_stays_between_none_and_bonferroni(p_values: dict[str, float]) -> None:
    found = holm(p_values)
    for name, p in p_values.items():
        assert p <= found[name] <= min(1.0, p * len(p_values)) or found[name] == max(
            found[other] for other, smaller in p_values.items() if smaller <= p
        )
        assert all(found[other] <= found[name] for other, smaller in p_values.items() if smaller < p)
    # Rejecting by the corrected values is rejecting step by step.
    for level in (0.01, 0.05, 0.2):
        rejected = set()
        for place, name in enumerate(sorted(p_values, key=lambda one: p_values[one])):
            if (len(p_values) - place) * p_values[name] > level:
                break
            rejected.add(name)
        assert {name for name, p in found.items() if p <= level} == rejected


def test_holm_refuses_what_is_no_p_value() -> None:
    with pytest.raises(DataError, match=r"a: 1\.2") as caught:
        holm({"a": 1.2, "b": 0.5, "c": float("nan")})
    assert len(caught.value.problems) == 2


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-20, 20), min_size=2, max_size=8))
def test_exchanging_signs_is_scipys_test_of_samples(differences: list[int]) -> None:
    values = np.array(differences, dtype=float)
    paired = permutation_test(
        (values, np.zeros_like(values)),
        lambda one, other, axis: np.abs(np.mean(one - other, axis=axis)),
        permutation_type="samples",
        alternative="greater",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert permutation(values.tolist(), seed=0) == pytest.approx(paired.pvalue)


def test_five_seeds_that_all_win_give_one_in_sixteen() -> None:
    assert permutation([0.01, 0.02, 0.015, 0.03, 0.01], seed=0) == 2 / 2**5
    assert permutation([0.01, -0.01], seed=0) == 1
    assert permutation([0.0, 0.0, 0.0], seed=0) == 1


def test_many_seeds_are_drawn_near_the_exact_answer_and_the_same_by_the_same_seed() -> None:
    differences = np.random.default_rng(2).normal(0.5, 1, 12)
    exact = permutation(differences.tolist(), seed=0)
    drawn = permutation([*differences, 0.0], seed=1)  # a thirteenth that changes nothing
    assert drawn == pytest.approx(exact, abs=0.02)
    assert drawn == permutation([*differences, 0.0], seed=1)
    assert permutation([1.0] * 40, seed=3) == pytest.approx(1 / 10_001)


@pytest.mark.parametrize("wrong", [[], [0.1, float("nan")]])
def test_a_test_without_differences_is_refused(wrong: list[float]) -> None:
    with pytest.raises(DataError, match="a difference for each"):
        permutation(wrong, seed=0)


def test_flips_of_groups_keep_their_level_where_kin_share_luck_and_mcnemar_does_not() -> None:
    generator, by_groups, by_rows = np.random.default_rng(4), 0, 0
    clusters, count = np.repeat(np.arange(80), 4), 300
    for number in range(count):
        luck = np.repeat(generator.normal(size=(2, 80)), 4, axis=1)
        first, second = (luck + 0.3 * generator.normal(size=(2, 320))) > 0  # two systems that are equally good
        differences = first.astype(float) - second
        by_groups += flips_of_groups(differences, clusters, seed=number) <= 0.05
        by_rows += mcnemar(int((differences > 0).sum()), int((differences < 0).sum())).p <= 0.05
    assert by_groups / count < 0.05 + 3 * (0.05 * 0.95 / count) ** 0.5
    assert by_rows / count > 0.15


def test_flips_of_groups_by_hand() -> None:
    differences = np.array([1.0, 1, 1, 1, -1, 1])
    assert flips_of_groups(differences, np.array([0, 0, 1, 1, 2, 2]), seed=0) == 2 / 2**2  # the third group is even
    assert flips_of_groups(np.zeros(4), np.arange(4), seed=0) == 1
    assert flips_of_groups(np.ones(40), np.arange(40), seed=0) == pytest.approx(1 / 10_001)
    with pytest.raises(DataError, match="a cluster for each"):
        flips_of_groups(differences, np.arange(4), seed=0)
