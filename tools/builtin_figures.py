"""What is asked of the built-in model beside its headline: every other head, and toxicity beside the Perspective API's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from hatetinyllm.data.kin import find_kin
from hatetinyllm.errors import DataError, HateTinyLLMError
from hatetinyllm.evaluation.drawn import judge_rows
from hatetinyllm.evaluation.heads import judge_head
from hatetinyllm.evaluation.judgement import DRAWS
from hatetinyllm.evaluation.rows import Rows, rows_of
from hatetinyllm.inference.detector import Detector
from hatetinyllm.metrics.ranking import auroc, one_label
from hatetinyllm.scores import Numbers
from hatetinyllm.training.unseen import Unseen, unseen_rows
from hatetinyllm.types import Example, Head, Result

SEED = 42
TOXICITY = "toxicity"
Figures = Mapping[str, tuple[Result, ...]]  # part -> a result for each head its rows answer


def by_head(detector: Detector, examples: Sequence[Example]) -> Figures:
    """Every head on these rows of the test part; on dev, as training judged them, those that none of the rows answers."""
    scores = scores_by_head(detector, [example.text for example in examples])
    clusters = find_kin(examples).groups
    found = [_judged(examples, scores[head.name], head, clusters) for head in detector.heads]
    test = tuple(one for one in found if one is not None)
    answered = {one.head for one in test}
    dev = tuple(one for one in detector.bundle.manifest.results if one.name.startswith("dev") and one.head not in answered)
    return {"test": test, "dev": dev}


def scores_by_head(detector: Detector, texts: Sequence[str]) -> dict[str, Numbers]:
    """(texts, labels) of each head, as verdicts show them; not a number where a text is not read."""
    verdicts = detector.classify_all(texts)
    return {head.name: np.array([_row(head, verdict.scores) for verdict in verdicts]) for head in detector.heads}


def of_perspective(detector: Detector) -> dict[str, Any]:
    """
    Toxicity of comments that were judged in their context, and whether it agrees with the scores the Perspective API gave.

    A row whose text the model learnt from is left out; where nothing is left, or CAT is not at hand, that is all that is said.
    """
    head = next((head for head in detector.heads if head.name == TOXICITY), None)
    if head is None:
        return {"not_measured": f"it has no head {TOXICITY}"}
    try:
        unseen = unseen_rows(detector.bundle, "cat", "test", ())
    except HateTinyLLMError as error:
        return {"not_measured": error.message}
    return compare_scores(unseen, head, scores_by_head(detector, [example.text for example in unseen.examples])[TOXICITY])


def compare_scores(unseen: Unseen, head: Head, found: Numbers) -> dict[str, Any]:
    """The head beside the stored scores, on rows that have both."""
    rows = _rows(unseen.examples, found, head, find_kin(unseen.examples).groups)
    stored = {example.id: example.score for example in unseen.examples}
    theirs = np.array([stored[id] if stored[id] is not None else np.nan for id in rows.ids], dtype=np.float64)
    if not len(rows) or np.isnan(theirs).any():
        raise DataError("rows of CAT lack the score that the Perspective API gave them, or no row was read")
    if one_label(rows.truth):
        return {"not_measured": f"{len(rows):,} rows were read that it did not learn from, all of one label"}
    result = judge_rows(rows, head, name="cat test", threshold=0.5, draws=DRAWS, seed=SEED)
    return {
        "rows": len(rows),
        "toxic": int(rows.truth.sum()),
        "learnt_from_and_left_out": unseen.seen,
        "not_read": len(unseen.examples) - len(rows),
        "auroc": result.metrics["auroc"],
        "perspective_auroc": float(auroc(rows.truth, theirs)),
        "rank_correlation_with_perspective": float(spearmanr(rows.scores, theirs).statistic),
        "same_side_of_one_half": float(((rows.scores >= 0.5) == (theirs >= 0.5)).mean()),
        "ece": result.metrics["ece_pos"],
        "intervals": {name: result.intervals[name] for name in ("auroc", "ece_pos") if name in result.intervals},
    }


def _judged(examples: Sequence[Example], found: Numbers, head: Head, clusters: Sequence[int]) -> Result | None:
    """A head of two labels with intervals, any other without; none where no row answers it."""
    answered = [
        row
        for row, one in enumerate(examples)
        if head.name in one.labels and (head.many or one.labels[head.name]) and _read(found, row)
    ]
    if not answered:
        return None
    if head.binary and head.positive is not None:
        rows = _rows(examples, found, head, clusters)
        return judge_rows(rows, head, name=f"test, {head.name}", threshold=0.5, draws=DRAWS, seed=SEED)
    kept = [examples[row] for row in answered]
    return judge_head(kept, found[answered], head, name=f"test, {head.name}", left_out=len(examples) - len(kept))


def _rows(examples: Sequence[Example], found: Numbers, head: Head, clusters: Sequence[int]) -> Rows:
    place = head.labels.index(head.positive or head.labels[-1])
    return rows_of(examples, head, found[:, place], clusters)


def _read(found: Numbers, row: int) -> bool:
    return not bool(np.isnan(found[row]).any())


def _row(head: Head, scores: Mapping[str, float]) -> list[float]:
    """The probability of each label of a head."""
    if head.binary and head.positive:
        score = scores.get(head.name, float("nan"))
        return [score if label == head.positive else 1 - score for label in head.labels]
    return [scores.get(f"{head.name}.{label}", float("nan")) for label in head.labels]
