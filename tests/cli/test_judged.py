"""A judgement on a screen: figures with intervals, parts that are too small said, nothing of a text."""

from hatetinyllm.cli.judged import with_interval
from hatetinyllm.types import Interval


def test_a_figure_stands_with_its_interval() -> None:
    assert with_interval(0.5, Interval(low=0.41, high=0.6)) == "0.500 [0.410, 0.600]"
    assert with_interval(0.5, None) == "0.500"
    assert with_interval(None, None) == "–"


def test_every_part_is_shown(call, golden_bundle) -> None:
    answer = call("evaluate", golden_bundle, "--draws", 100, "--by", "target")
    assert answer.code == 0
    for said in (
        "always not_hate", "TF-IDF", "every figure, with its 95 % interval", "called not_hate", "contrast pairs",
        "per length", "per people attacked", "per group of people, by terms, the default list", "insufficient",
        "texts change their label when other people are named", "thresholds that the dev part chose",
    ):  # fmt: skip
        assert said in answer.out, said
    assert "--by type" in answer.out
    assert "too few" in answer.out
    assert "TF-IDF is asked" in answer.err
