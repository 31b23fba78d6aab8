"""The TF-IDF line learns words, gives the same scores each time, and is the model the data page measured."""

from pathlib import Path

import numpy as np
import pytest

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.split import random
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
ROWS = [
    Example(text=f"{word} people {index}", id=f"{word}{index}", labels={"hate": (label,)})
    for word, label in (("awful", "hate"), ("lovely", "not_hate"))
    for index in range(10)
]


def test_it_learns_words_and_repeats_itself() -> None:
    texts = ["awful neighbours", "lovely neighbours"]
    high, low = fit_tfidf([*ROWS, Example(text="no label", id="x")], HATE)(texts)
    assert high > 0.5 > low
    assert np.array_equal(fit_tfidf(ROWS, HATE)(texts), np.array([high, low]))


def test_parts_of_words_are_known_where_the_word_is_not() -> None:
    high, low = fit_tfidf(ROWS, HATE)(["awfully", "loveliness"])
    assert high > 0.5 > low


def test_no_texts_get_no_scores() -> None:
    assert fit_tfidf(ROWS, HATE)([]).shape == (0,)


def test_rows_of_one_label_are_refused() -> None:
    with pytest.raises(DataError, match="both labels") as caught:
        fit_tfidf(ROWS[:10], HATE)
    assert caught.value.problems == ("10 of 10 rows are labelled, 10 of them hate",)


def test_rows_that_share_no_word_are_refused() -> None:
    with pytest.raises(DataError, match="cannot learn from 2 rows"):
        fit_tfidf([ROWS[0], ROWS[10]], HATE)


@pytest.mark.data
def test_the_figures_of_the_data_page_come_out(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "hateval")
    whole = load_dataset("hateval")
    parted = random(whole, parts=("train",), test_share=0.2, dev_share=0.0)
    pages = {"dev": (whole.train, whole.dev, (0.752, 0.722, 0.749)), "random": (parted.train, parted.test, (0.790, 0.743, 0.783))}
    for name, (train, judged, figures) in pages.items():
        metrics = evaluate(fit_tfidf(train, HATE), judged, HATE, name=name).metrics
        assert [metrics[key] for key in ("accuracy", "f1_hate", "macro_f1")] == pytest.approx(figures, abs=0.01)
