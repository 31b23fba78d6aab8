"""The headline says what the figure comes to beside those who read nothing."""

from dataclasses import replace

import pytest

from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.report.headline import headline_metric, headline_of, sentences_of
from hatetinyllm.types import Interval


def test_the_figures_stand_with_their_intervals(subject, see) -> None:
    page = see(headline_of(subject))
    result = subject.judgement.result
    assert share(result.metrics["macro_f1"]) in page.said
    for name in ("always hate", "always not_hate", "TF-IDF", "macro-F1", "F1 of hate", "AUROC"):
        assert name in page.said


def test_a_split_that_leaks_is_told_before_the_figures(subject, bare, see) -> None:
    assert see(headline_of(subject)).said.startswith("The split leaks.")
    assert "leaks" not in headline_of(bare)


def test_calling_every_row_hate_has_its_f1_said(subject) -> None:
    assert "50.0 % of the 240 rows are hate, so calling every row hate has an F1 of .667." in sentences_of(subject)[0]


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.0, 0.01, "is below that of"), (0.98, 0.99, "is above that of"), (0.01, 0.99, "paired test")]
)
def test_intervals_that_meet_leave_the_word_to_a_paired_test(subject, low: float, high: float, said: str) -> None:
    result = subject.judgement.result
    moved = replace(result, intervals={**result.intervals, "macro_f1": Interval(low=low, high=high)})
    others = tuple(
        replace(one, intervals={**one.intervals, "macro_f1": Interval(low=0.4, high=0.6)}) for one in subject.judgement.others
    )
    found = sentences_of(replace(subject, judgement=replace(subject.judgement, result=moved, others=others)))
    assert said in found[-1]


def test_rows_of_one_label_are_judged_by_accuracy(subject) -> None:
    assert headline_metric(replace(subject.judgement.result, prevalence=1.0)) == "accuracy"


def test_without_baselines_or_intervals_it_is_a_headline_too(bare, see) -> None:
    result = replace(bare.judgement.result, intervals={})
    assert "no interval" in see(headline_of(replace(bare, judgement=replace(bare.judgement, result=result)))).said
