"""
Make a judgement: ask for the scores once, and say everything that follows from them.

What made the scores is not known here: a callable gives them, and a callable fitted on other rows gives the baseline's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.contrast import contrasts_of
from hatetinyllm.evaluation.drawn import judge_rows
from hatetinyllm.evaluation.evaluate import Score
from hatetinyllm.evaluation.fairness import by_annotation, by_terms, swap_test
from hatetinyllm.evaluation.judgement import DRAWS, Drawn, Judged, Judgement, Refused, Review
from hatetinyllm.evaluation.operating import Operating, operating_points
from hatetinyllm.evaluation.rows import Rows, rows_of
from hatetinyllm.evaluation.slices import slices_of
from hatetinyllm.evaluation.terms import Group
from hatetinyllm.evaluation.trivial import constant_scores
from hatetinyllm.metrics.classification import Scores
from hatetinyllm.metrics.rate import wilson
from hatetinyllm.metrics.resample import CLUSTERS_AT_LEAST
from hatetinyllm.types import Band, Example, Head, Result

Say = Callable[[str], None]
TFIDF = "TF-IDF"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked of a judgement besides its figures; numbers that decide how long it takes and how firm it is."""

    draws: int = DRAWS
    seed: int = 42
    groups: tuple[Group, ...] = ()  # people named by terms; none for no figures of that kind
    terms: str = ""  # where these come from, in words
    swaps: int = 1000  # texts of the swap test, 0 for none
    needed: int = 50  # rows of each label before a group of people is judged


def judge(
    score: Score,
    examples: Sequence[Example],
    head: Head,
    *,
    name: str,
    identity: str,
    judged: Judged,
    clusters: Sequence[int],
    kin: str,
    mode: str,
    band: Band,
    dev: Sequence[Example] = (),
    baseline: Score | None = None,
    plan: Plan | None = None,
    say: Say = lambda stage: None,
) -> Judgement:
    """The judgement of a detector on examples; thresholds are tried that `dev` chose, where it is given."""
    plan = plan or Plan()
    if not head.binary or head.positive is None:
        raise DataError(f"head {head.name!r} has {len(head.labels)} labels and no positive one: it cannot be judged as yes or no")
    say(f"{len(examples):,} texts are scored")
    scores = _scores(score, examples)
    rows = rows_of(examples, head, scores, clusters)
    if not len(rows):
        raise DataError(f"{judged.name} {judged.part}: none of the {len(examples):,} rows has a {head.name} label and a score")
    left_out, threshold = len(examples) - len(rows), band.high
    told = f"{judged.name} {judged.part}"
    say("intervals are drawn")
    refused = _refused(examples, head, scores, rows, threshold)
    judged = replace(judged, notes=(*judged.notes, *_notes(rows, refused, band, head)))
    return Judgement(
        name=name,
        identity=identity,
        head=head,
        mode=mode,
        band=band,
        judged=judged,
        drawn=Drawn(draws=plan.draws, seed=plan.seed, kin=kin),
        result=judge_rows(rows, head, name=told, threshold=threshold, draws=plan.draws, seed=plan.seed, left_out=left_out),
        others=_others(rows, examples, head, baseline, plan, left_out, say),
        slices=slices_of(rows, head, threshold=threshold, draws=plan.draws, seed=plan.seed),
        contrasts=contrasts_of(rows, threshold=threshold, draws=plan.draws, seed=plan.seed),
        review=_review(rows, band),
        refused=refused,
        operating=_operating(score, dev, head, rows, say),
        rows=rows,
        **_groups(score, examples, rows, threshold, plan, say),
    )


def _scores(score: Score, examples: Sequence[Example]) -> Scores:
    return np.asarray(score([example.text for example in examples]), dtype=np.float64)


def _others(
    rows: Rows, examples: Sequence[Example], head: Head, baseline: Score | None, plan: Plan, left_out: int, say: Say
) -> tuple[Result, ...]:
    """The same rows by those who read nothing, and by TF-IDF where there were rows to fit it on."""
    how = {"draws": plan.draws, "seed": plan.seed, "left_out": left_out}
    found = [
        judge_rows(rows.scored(own), head, name=said, threshold=0.5, **how) for said, own in constant_scores(len(rows), head)
    ]
    if baseline is not None:
        say("TF-IDF is asked")
        own = np.asarray(baseline(_texts(examples, rows)), dtype=np.float64)
        found.append(judge_rows(rows.scored(own), head, name=TFIDF, threshold=0.5, **how))
    return tuple(found)


def _refused(examples: Sequence[Example], head: Head, scores: Scores, rows: Rows, threshold: float) -> Refused | None:
    labelled = np.array([bool(example.labels.get(head.name)) for example in examples], dtype=np.bool_)
    count = int((labelled & np.isnan(scores)).sum())
    right = int(((rows.scores >= threshold) == (rows.truth == 1)).sum())
    return Refused(rows=count, accuracy=right / int(labelled.sum())) if count else None


def _notes(rows: Rows, refused: Refused | None, band: Band, head: Head) -> Iterator[str]:
    """What a reader of the figures must know: too few rows to tell anything, and rows that were not decided."""
    if (groups := len(np.unique(rows.clusters))) < CLUSTERS_AT_LEAST:
        yield f"{len(rows):,} rows in {groups:,} groups of kin are too few for an interval, and for any conclusion"
    if refused is not None:
        wrong = f"with these as wrong, accuracy is {refused.accuracy:.3f}"
        yield f"{refused.rows:,} labelled rows got no answer, and no figure counts them: {wrong}"
    if band.low < band.high:
        yield f"rows the mode leaves to people count as not {head.positive} in every figure but the review's"


def _review(rows: Rows, band: Band) -> Review | None:
    if band.low == band.high:
        return None
    waits = (rows.scores >= band.low) & (rows.scores < band.high)
    decided = ~waits
    right = (rows.scores[decided] >= band.high) == (rows.truth[decided] == 1)
    return Review(
        rows=int(waits.sum()),
        share=float(waits.mean()),
        interval=wilson(int(waits.sum()), len(rows)),
        accuracy=float(right.mean()) if decided.any() else None,
    )


def _operating(score: Score, dev: Sequence[Example], head: Head, rows: Rows, say: Say) -> tuple[Operating, ...]:
    if not dev:
        return ()
    say(f"{len(dev):,} dev texts are scored, to choose thresholds by")
    chosen_by = rows_of(dev, head, _scores(score, dev), range(len(dev)))
    if not len(chosen_by):
        return ()
    return operating_points(rows.truth, rows.scores, dev_truth=chosen_by.truth, dev_scores=chosen_by.scores)


def _groups(score: Score, examples: Sequence[Example], rows: Rows, threshold: float, plan: Plan, say: Say) -> dict[str, Any]:
    """Figures per group of people, and the swap test."""
    groups = list(by_annotation(rows, threshold=threshold, needed=plan.needed))
    if not plan.groups:
        return {"groups": tuple(groups)}
    texts = _texts(examples, rows)
    groups.append(by_terms(rows, texts, plan.groups, source=plan.terms, threshold=threshold, needed=plan.needed))
    if plan.swaps:
        say("texts are asked again with other people named")
    swaps = (
        swap_test(rows, texts, plan.groups, score, threshold=threshold, most=plan.swaps, seed=plan.seed) if plan.swaps else None
    )
    return {"groups": tuple(groups), "swaps": swaps}


def _texts(examples: Sequence[Example], rows: Rows) -> list[str]:
    """The texts of the judged rows, in their order."""
    own = {example.id: example.text for example in examples}
    return [own[id] for id in rows.ids]
