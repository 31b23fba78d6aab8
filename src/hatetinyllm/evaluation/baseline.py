"""
The line every model must beat: TF-IDF over words and characters, and a logistic regression, untuned.

Words alone and in pairs that stand in two texts or more, and runs of two to five characters within words that stand in
three; counts weigh by their logarithm, so that a word said ten times is not ten words.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import Score, truth_of
from hatetinyllm.types import Example, Head

INVERSE_PENALTY = 4.0
TEXTS_OF_A_WORD = 2  # the fewest it must stand in
TEXTS_OF_A_RUN = 3


def fit_tfidf(examples: Sequence[Example], head: Head, *, seed: int = 42) -> Score:
    """Fit the baseline on labelled examples; the answer scores texts."""
    labelled = [example for example in examples if example.labels.get(head.name)]
    truth = truth_of(labelled, head)
    if len(np.unique(truth)) < 2:  # both labels
        told = f"{len(labelled):,} of {len(examples):,} rows are labelled, {int(truth.sum()):,} of them {head.positive}"
        raise DataError("TF-IDF needs rows of both labels to learn from", [told])
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=TEXTS_OF_A_WORD)
    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=TEXTS_OF_A_RUN)
    regression = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", random_state=seed)
    model = make_pipeline(make_union(words, runs), regression)
    try:
        model.fit([example.text for example in labelled], truth)
    except ValueError as error:  # scikit-learn's word for a vocabulary that is empty
        raise DataError(f"TF-IDF cannot learn from {len(labelled):,} rows", [str(error)]) from error

    def score(texts: Sequence[str]) -> NDArray[np.float64]:
        if not len(texts):
            return np.zeros(0)
        scores: NDArray[np.float64] = model.predict_proba(list(texts))[:, 1]
        return scores

    return score
