"""The TF-IDF line learns words, and gives the same scores each time."""

import numpy as np

from hatetinyllm.evaluation.baseline import fit_tfidf
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
