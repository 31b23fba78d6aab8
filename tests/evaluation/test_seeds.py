"""Several seeds: mean and spread, of results on the same rows alone."""

from dataclasses import replace

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores
from hatetinyllm.evaluation.judgement import Drawn, Judged, Judgement
from hatetinyllm.evaluation.seeds import spread_of, spread_of_judgements
from hatetinyllm.types import Band


@pytest.fixture
def judged(hate, noisy_rows):
    """Judgements of the same 200 rows by detectors of different seeds."""

    def make(seed: int, identity: str = "") -> Judgement:
        rows = noisy_rows(seed=seed)
        return Judgement(
            name=f"seed {seed}",
            identity=identity or f"sha256:{seed}",
            head=hate,
            mode="best-guess",
            band=Band(low=0.5, high=0.5),
            judged=Judged(name="made-up", part="test", how="official", digest="0", rows=200),
            drawn=Drawn(draws=100, seed=1, kin="pairs"),
            result=judge_scores(rows.truth, rows.scores, hate, name="mine"),
            rows=rows,
        )

    return make


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


def test_judgements_of_the_same_rows_have_the_spread_of_their_results(judged) -> None:
    found, notes = spread_of_judgements([judged(1), judged(2)])
    assert found == spread_of([judged(1).result, judged(2).result])
    assert notes == ()


def test_as_many_rows_of_other_data_have_no_common_spread(judged) -> None:
    one, other = judged(1), judged(2)
    elsewhere = replace(other, judged=replace(other.judged, name="elsewhere", digest="1"))
    with pytest.raises(DataError, match="not of the same rows") as told:
        spread_of_judgements([one, elsewhere])
    assert "elsewhere test" in told.value.problems[0]
    renamed = replace(other.rows, ids=tuple(f"other {id}" if int(id) < 10 else id for id in other.rows.ids))
    with pytest.raises(DataError, match="not of the same rows") as told:
        spread_of_judgements([one, replace(other, rows=renamed)])
    assert "20 rows" in told.value.problems[0]


def test_one_bundle_twice_is_told(judged) -> None:
    _, notes = spread_of_judgements([judged(1, "same"), judged(2, "same"), judged(3)])
    assert notes == ("the same bundle stands 2 times, as seed 1, seed 2: the spread is too small",)
