"""The line every model must beat: TF-IDF over words and characters, and a logistic regression, untuned."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from hatetinyllm.evaluation.evaluate import Score, truth_of
from hatetinyllm.types import Example, Head


def fit_tfidf(examples: Sequence[Example], head: Head, *, seed: int = 42) -> Score:
    """Fit the baseline on labelled examples; the answer scores texts."""
    labelled = [example for example in examples if example.labels.get(head.name)]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    model = make_pipeline(make_union(words, characters), LogisticRegression(max_iter=1000, random_state=seed))
    model.fit([example.text for example in labelled], truth_of(labelled, head))

    def score(texts: Sequence[str]) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = model.predict_proba(list(texts))[:, 1]
        return scores

    return score
