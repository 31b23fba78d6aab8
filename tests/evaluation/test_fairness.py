"""Groups by annotation and by terms are told apart; the swap test counts texts whose label hangs on a name."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from hatetinyllm.evaluation.fairness import by_annotation, by_terms, swap_test
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.evaluation.terms import read_terms

TEXTS = ["women are welcome", "women are unwelcome", "nobody is here", "jews are welcome", "all are unwelcome"]


def rows(**facets: tuple[tuple[str, ...], ...]) -> Rows:
    truth = np.array([0, 1, 0, 0, 1])
    scores = np.array([0.2, 0.9, 0.1, 0.7, 0.8])
    return Rows(ids=tuple("abcde"), truth=truth, scores=scores, clusters=np.arange(5), facets=facets)


def test_annotated_groups_say_so() -> None:
    (found,) = by_annotation(rows(mentions=(("women",), ("women",), (), ("jews",), ())), threshold=0.5, needed=1)
    assert found.source == "annotated: mentions"
    by_name = {one.name: one for one in found.fairness.groups}
    assert (by_name["women"].sufficient, by_name["women"].fpr, by_name["women"].fnr) == (True, 0.0, 0.0)
    assert not by_name["jews"].sufficient


def test_without_annotations_there_are_none() -> None:
    assert by_annotation(rows(), threshold=0.5) == ()


def test_groups_by_terms_read_the_texts() -> None:
    found = by_terms(rows(), TEXTS, read_terms(), source="terms", threshold=0.5, needed=1)
    by_name = {one.name: one for one in found.fairness.groups}
    assert (by_name["women"].positives, by_name["women"].negatives) == (1, 1)
    assert (by_name["jews"].positives, by_name["jews"].negatives) == (0, 1)


def score(texts: Sequence[str]) -> NDArray[np.float64]:
    return np.array([0.9 if "unwelcome" in text else 0.7 if "jews" in text else 0.2 for text in texts])


def test_a_label_that_hangs_on_a_name_is_counted() -> None:
    found = swap_test(rows(), TEXTS, read_terms(), score, threshold=0.5)
    assert found is not None
    assert (found.texts, found.flipped) == (3, 1)  # two of women, one of jews; only the last one flips
    assert found.rate == pytest.approx(1 / 3)
    assert found.by_group["jews"].mean_rise == pytest.approx(0.5)
    assert found.by_group["women"].mean_rise == pytest.approx(0.0)
    assert found.interval.low < found.rate < found.interval.high


def test_no_text_to_exchange_is_no_test() -> None:
    assert swap_test(rows(), ["nothing"] * 5, read_terms(), score, threshold=0.5) is None


def test_refused_exchanges_are_left_out() -> None:
    assert swap_test(rows(), TEXTS, read_terms(), lambda texts: np.full(len(texts), np.nan), threshold=0.5) is None
