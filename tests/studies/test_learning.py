"""Learning curves: the points are the results, seeds are averaged, and a doubling brings what the line says."""

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judgement import Drawn, Judged, Judgement
from hatetinyllm.studies.learning import Learnt, curve_of, curve_of_judgements
from hatetinyllm.types import Band, Head, Interval, Result

HEAD = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def result(value: float | None, *, rows: int = 10, low: float | None = None, high: float | None = None) -> Result:
    return Result(
        name=f"at {value}",
        head="hate",
        positive="hate",
        rows=rows,
        prevalence=0.5,
        threshold=0.5,
        metrics={"macro_f1": value},
        confusion={"not_hate": {"not_hate": rows, "hate": 0}, "hate": {"not_hate": 0, "hate": 0}},
        intervals={"macro_f1": Interval(low=low, high=high)} if low is not None and high is not None else {},
    )


def judgement(rows: int | None, *, digest: str = "same") -> Judgement:
    return Judgement(
        name=f"of {rows}",
        identity="none",
        head=HEAD,
        mode="best-guess",
        band=Band(low=0.5, high=0.5),
        judged=Judged(name="made up", part="test", how="official", digest=digest, rows=10),
        drawn=Drawn(draws=100, seed=42, kin="none"),
        result=result(0.5),
        train_rows=rows,
    )


def test_points_go_from_few_rows_to_many_and_a_doubling_is_the_slope() -> None:
    curve = curve_of(
        [Learnt(rows=400, result=result(0.75)), Learnt(rows=100, result=result(0.65)), Learnt(rows=200, result=result(0.70))]
    )
    assert [(point.rows, point.value) for point in curve.points] == [(100, 0.65), (200, 0.70), (400, 0.75)]
    assert curve.per_doubling == pytest.approx(0.05)


def test_seeds_of_one_size_are_averaged_and_their_spread_is_kept_apart() -> None:
    seeds = [Learnt(rows=100, result=result(0.6, low=0.5, high=0.7)), Learnt(rows=100, result=result(0.8, low=0.7, high=0.9))]
    (point,) = curve_of(seeds).points
    assert (point.value, point.seeds) == (pytest.approx(0.7), 2)
    assert point.deviation == pytest.approx(0.02**0.5)
    assert point.interval is not None
    assert (point.interval.low, point.interval.high) == (pytest.approx(0.6), pytest.approx(0.8))
    assert curve_of(seeds).per_doubling is None


def test_a_point_has_an_interval_only_where_all_its_seeds_have() -> None:
    seeds = [Learnt(rows=100, result=result(0.6, low=0.5, high=0.7)), Learnt(rows=100, result=result(0.8))]
    assert curve_of(seeds).points[0].interval is None


@pytest.mark.parametrize(
    ("learnt", "told"),
    [
        ([], "there is no result"),
        ([Learnt(rows=0, result=result(0.5))], "learnt from 0 rows"),
        ([Learnt(rows=1, result=result(0.5)), Learnt(rows=2, result=result(0.5, rows=11))], "not of the same rows"),
        ([Learnt(rows=1, result=result(None))], "not defined"),
    ],
)
def test_what_is_no_curve_is_refused(learnt: list[Learnt], told: str) -> None:
    with pytest.raises(DataError, match="no learning curve") as caught:
        curve_of(learnt)
    assert told in caught.value.problems[0]


def test_an_unknown_figure_is_refused_with_the_nearest() -> None:
    with pytest.raises(DataError) as caught:
        curve_of([Learnt(rows=1, result=result(0.5))], "makro_f1")
    assert "macro_f1" in caught.value.problems[0]


def test_judgements_bring_their_own_rows() -> None:
    curve = curve_of_judgements([judgement(200), judgement(100)])
    assert [point.rows for point in curve.points] == [100, 200]


def test_judgements_of_other_rows_or_of_unknown_training_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        curve_of_judgements([judgement(None), judgement(100, digest="other")])
    assert len(caught.value.problems) == 2
