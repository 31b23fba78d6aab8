"""Figures have names people know."""

from dataclasses import replace

import pytest

from hatetinyllm.metrics import METRICS
from hatetinyllm.reporting.report.wording import (
    METRIC_WORDS,
    measured,
    metric_words,
    one_label,
    part_words,
    percent,
    plural,
    sentence,
    spoken,
    with_interval,
)
from hatetinyllm.types import Interval


def test_every_metric_has_words() -> None:
    known = {name.replace("POS", "positive").replace("NEG", "negative") for name in METRIC_WORDS}
    assert known == set(METRICS)


def test_words_name_the_labels_and_strangers_come_last(subject) -> None:
    result = replace(subject.judgement.result, metrics={"odd": 0.1, **subject.judgement.result.metrics})
    words = metric_words(result)
    assert words["f1_hate"][0] == "F1 of hate"
    assert next(iter(words)) == "macro_f1"
    assert list(words)[-1] == "odd"
    assert not [said for both in words.values() for said in both if "POS" in said or "NEG" in said]


def test_figures_and_intervals() -> None:
    assert with_interval(0.5, Interval(low=0.4, high=0.6)) == ".500 [.400, .600]"
    assert with_interval(None, Interval(low=0.4, high=0.6)) == "–"
    assert (percent(0.123), plural(1, "row"), plural(1200, "row")) == ("12.3 %", "1 row", "1,200 rows")
    assert (spoken("gay_people"), part_words("round", "2"), sentence("so it is.")) == ("gay people", "round 2", "So it is.")
    assert sentence("") == ""


@pytest.mark.parametrize(("prevalence", "found"), [(0.0, True), (1.0, True), (0.5, False)])
def test_rows_of_one_label(subject, prevalence: float, found: bool) -> None:
    assert one_label(replace(subject.judgement.result, prevalence=prevalence)) is found
    assert measured(subject.judgement.result, "macro_f1").startswith(".")
