"""Several seeds: mean and spread, of results on the same rows alone."""

from dataclasses import replace

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores
from hatetinyllm.evaluation.seeds import spread_of


def test_mean_and_sample_deviation(noisy_rows, hate) -> None:
    results = [judge_scores(rows.truth, rows.scores, hate, name="mine") for rows in (noisy_rows(seed=1), noisy_rows(seed=2))]
    found = spread_of(results)["accuracy"]
    one, other = (result.metrics["accuracy"] for result in results)
    assert found.mean == pytest.approx((one + other) / 2)
    assert found.deviation == pytest.approx(abs(one - other) / 2**0.5)
    assert (found.low, found.high, found.seeds) == (min(one, other), max(one, other), 2)


def test_a_figure_that_a_seed_lacks_has_no_spread(noisy_rows, hate) -> None:
    rows = noisy_rows()
    whole = judge_scores(rows.truth, rows.scores, hate, name="mine")
    assert "auroc" not in spread_of([whole, replace(whole, metrics={**whole.metrics, "auroc": None})])


def test_results_of_other_rows_or_of_one_seed_are_refused(noisy_rows, hate) -> None:
    one, other = (judge_scores(rows.truth, rows.scores, hate, name="mine") for rows in (noisy_rows(100), noisy_rows(50)))
    with pytest.raises(DataError, match="not of the same rows"):
        spread_of([one, other])
    with pytest.raises(DataError, match="two results or more"):
        spread_of([one])
