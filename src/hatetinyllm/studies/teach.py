"""
Make a teacher for a recipe: scores of its train rows, written to a file that its [teacher] section names.

TF-IDF scores each row from the others, kin apart. Bundles may speak too: the mean of their log-odds is averaged with TF-IDF's
by a share. They mostly learnt from these very rows, which is said and not hidden. Rows of dev and test are neither learnt
from nor scored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hatetinyllm.bundle import name_of
from hatetinyllm.data.checks import digest_part
from hatetinyllm.data.kin import find_kin
from hatetinyllm.data.score_file import check_ending, write_scores
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores, truth_of
from hatetinyllm.evaluation.folds import deal_folds, out_of_fold
from hatetinyllm.evaluation.judge import TFIDF, Say
from hatetinyllm.inference.detector import Detector
from hatetinyllm.metrics.classification import Scores
from hatetinyllm.training.follow import check
from hatetinyllm.training.heads import choose_heads
from hatetinyllm.training.material import read_splits
from hatetinyllm.types import Example, Head, Result

EDGE = 1e-3  # a score nearer to 0 or 1 counts as this far: a bundle too sure of what it learnt would outvote the others
SCORED_TEXTS = 512  # by a bundle, between two words of how far it is
DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who teaches, and how."""

    bundles: tuple[str, ...] = ()
    folds: int = 5
    tfidf_share: float = 0.5  # against all bundles together; alone, TF-IDF has all
    unlabelled: bool = False  # rows without an answer to the headline, too
    seed: int = 42


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """The file that was written, what the recipe says of it, and how its scores fit the labels."""

    file: Path
    digest: str  # of the rows it is for
    data: str
    head: str
    positive: str
    rows: int
    unlabelled: int  # of them
    folds: int
    kin: str
    tfidf_share: float
    bundles: tuple[str, ...]
    results: tuple[
        Result, ...
    ]  # on the labelled rows: TF-IDF out of its fold, each bundle, and the whole where there are several
    notes: tuple[str, ...]


def teach(given: Mapping[str, Any], out: Path, wanted: Wanted, *, say: Say = lambda stage: None) -> Teacher:
    """Score the train rows of a recipe and write the scores; its own [teacher] section is not read."""
    check_ending(out)
    _require_sense(wanted)
    recipe = check({name: section for name, section in given.items() if name != "teacher"})
    detectors = {word: Detector.open(word) for word in wanted.bundles}
    say(f"{recipe['data'].name} is read and parted")
    splits = read_splits(recipe)
    head = choose_heads(splits, **recipe["heads"].options)[0]
    _require_head(detectors, head)
    examples = [example for example in splits.train if wanted.unlabelled or example.labels.get(head.name)]
    voices, kin = _tfidf(examples, head, wanted, say) if not detectors or wanted.tfidf_share else ({}, "")
    for word, detector in detectors.items():
        voices[name_of(Path(word))] = _asked(detector, examples, name_of(Path(word)), say)
    scores = _joined(voices, wanted.tfidf_share)
    digest = digest_part(splits, "train")
    scored = [(example, float(score)) for example, score in zip(examples, scores, strict=True) if not np.isnan(score)]
    by_id = {example.id: round(score, DIGITS) for example, score in scored}
    write_scores(by_id, out, {"dataset": splits.name, "digest": digest})
    heard = {**voices, **({"together": scores} if len(voices) > 1 else {})}
    return Teacher(
        file=out,
        digest=digest,
        data=splits.name,
        head=head.name,
        positive=str(head.positive),
        rows=len(scored),
        unlabelled=sum(not example.labels.get(head.name) for example, _ in scored),
        folds=wanted.folds if TFIDF in voices else 0,
        kin=kin,
        tfidf_share=1.0 if not detectors else wanted.tfidf_share,
        bundles=wanted.bundles,
        results=tuple(_judged(examples, head, own, name) for name, own in heard.items()),
        notes=tuple(_notes(voices, len(detectors))),
    )


def _require_sense(wanted: Wanted) -> None:
    problems = [] if 0 <= wanted.tfidf_share <= 1 else [f"the share of TF-IDF is {wanted.tfidf_share:g}, expected 0 to 1"]
    names = [name_of(Path(word)) for word in wanted.bundles]
    problems += [f"{names.count(name)} bundles are called {name!r}" for name in dict.fromkeys(names) if names.count(name) > 1]
    if problems:
        raise DataError("no teacher can be made", problems)


def _require_head(detectors: Mapping[str, Detector], head: Head) -> None:
    """A bundle must answer the recipe's question, in its labels, as its headline."""
    problems = [
        f"{word} answers {own.name} ({', '.join(own.labels)})"
        for word, detector in detectors.items()
        if ((own := detector.heads[0]).name, own.labels, own.positive) != (head.name, head.labels, head.positive)
    ]
    if problems:
        raise DataError(f"the recipe asks for {head.name} ({', '.join(head.labels)})", problems)


def _tfidf(examples: Sequence[Example], head: Head, wanted: Wanted, say: Say) -> tuple[dict[str, Scores], str]:
    say(f"kin are looked for among {len(examples):,} rows")
    kin = find_kin(examples, near_duplicates="always")
    fold_of = deal_folds(kin.groups, wanted.folds, seed=wanted.seed)

    def begun(fold: int) -> None:
        say(f"{TFIDF} learns for fold {fold + 1} of {wanted.folds}")

    return {TFIDF: out_of_fold(examples, head, fold_of, seed=wanted.seed, begun=begun)}, kin.how


def _asked(detector: Detector, examples: Sequence[Example], name: str, say: Say) -> Scores:
    """A bundle's score of every row, NaN where it refuses to read."""
    found = []
    for start in range(0, len(examples), SCORED_TEXTS):
        say(f"{name} has scored {start:,} of {len(examples):,} rows")
        found.append(detector.scores([example.text for example in examples[start : start + SCORED_TEXTS]]))
    return np.concatenate(found) if found else np.zeros(0)


def _joined(voices: Mapping[str, Scores], tfidf_share: float) -> Scores:
    """One score a row, by log-odds: TF-IDF's share of them, and the mean of the bundles that read it; a lone voice has all."""
    tfidf = _log_odds(voices[TFIDF]) if TFIDF in voices else None
    spoken = [_log_odds(own) for name, own in voices.items() if name != TFIDF]
    if not spoken:
        assert tfidf is not None, "somebody speaks"
        return _score(tfidf)
    read = ~np.isnan(np.stack(spoken))
    mean = np.where(read, np.stack(spoken), 0.0).sum(0) / np.maximum(read.sum(0), 1)
    if tfidf is None:
        return _score(np.where(read.any(0), mean, np.nan))
    return _score(np.where(read.any(0), tfidf_share * tfidf + (1 - tfidf_share) * mean, tfidf))


def _log_odds(scores: Scores) -> Scores:
    bounded = np.clip(scores, EDGE, 1 - EDGE)
    return np.asarray(np.log(bounded) - np.log1p(-bounded))


def _score(odds: Scores) -> Scores:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _judged(examples: Sequence[Example], head: Head, scores: Scores, name: str) -> Result:
    """How one voice fits the labels of the rows it speaks of."""
    known = [row for row, example in enumerate(examples) if example.labels.get(head.name) and not np.isnan(scores[row])]
    truth = truth_of([examples[row] for row in known], head)
    return judge_scores(truth, scores[known], head, name=name, left_out=len(examples) - len(known))


def _notes(voices: Mapping[str, Scores], bundles: int) -> list[str]:
    """What a user of the file must know."""
    told = []
    if bundles:
        told.append("figures of bundles are in-sample wherever they learnt from these rows, and say nothing of other rows")
    for name, scores in voices.items():
        if refused := int(np.isnan(scores).sum()):
            told.append(
                f"{name} did not read {refused:,} rows: the others speak for these, and a row that nobody reads is left out"
            )
    return told
