"""
HatEval's test told whole: whose labels it has, what a model of train's policy can get on it at most, and who gets what.

The official test follows another policy than train; Wang and Banko (2021) labelled it again by train's. Every system is
asked once, and its scores are held against both labellings, at its own threshold and at the one that dev chose. The official
test is given on request: while it is not here, dev stands in its place, and what is missing is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hatetinyllm.bundle import name_of
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.hateval import FILES
from hatetinyllm.data.hateval_relabels import labels_by_id
from hatetinyllm.data.kin import find_kin
from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.conflict import NEEDED, Conflicts, Count, Marks, ceiling, conflicts, hashtags
from hatetinyllm.evaluation.drawn import judge_rows
from hatetinyllm.evaluation.evaluate import truth_of
from hatetinyllm.evaluation.judge import TFIDF, Plan, Say
from hatetinyllm.evaluation.operating import sweep
from hatetinyllm.evaluation.rows import Rows, rows_of
from hatetinyllm.evaluation.trivial import constant_scores
from hatetinyllm.inference.detector import Detector
from hatetinyllm.labels import SCHEMES
from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.metrics.interval import DRAWS
from hatetinyllm.metrics.ranking import one_label
from hatetinyllm.studies.judge import Wanted, judge_bundle
from hatetinyllm.types import Example, Head, Result, Splits

HEAD = Head(name="hate", labels=SCHEMES["hate"].labels, positive=SCHEMES["hate"].positive)
TRAIN, DEV, OFFICIAL, RELABELLED = "train", "dev", "official test", "relabelled test"
PERFECT = "perfect by the relabelled policy"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Train against another part, word by word."""

    other: str
    found: Conflicts


@dataclass(frozen=True, kw_only=True)
class Line:
    """One system on one labelling: at its own threshold, at the one dev chose, and the best that no threshold beats."""

    name: str
    on: str
    result: Result
    frozen: Result | None  # None: dev chose no threshold, or is itself what is judged
    oracle: float | None  # macro-F1 at the best threshold for these very rows; None where there is none to choose


@dataclass(frozen=True, kw_only=True)
class Kit:
    """The page of HatEval."""

    language: str
    parts: Mapping[str, Count]
    missing: tuple[str, ...]  # what is not here, and what would bring it
    ceiling: Result | None
    changed: int | None  # rows of the test that the relabelling changed
    compared: tuple[Compared, ...]
    lines: tuple[Line, ...]
    draws: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of the kit."""

    language: str = "en"
    marks: Marks = hashtags
    needed: int = NEEDED  # rows of each part before a word is compared
    draws: int = DRAWS
    seed: int = 42


def hateval(asked: Asked, detectors: Sequence[Detector] = (), *, say: Say = lambda stage: None) -> Kit:
    """All of it; a bundle that cannot be judged is told of in a note."""
    say("the rows are read")
    splits = load_dataset("hateval", language=asked.language)
    labellings = _labellings(splits)
    say("words are compared")
    compared = [_compared(splits, name, rows, asked) for name, rows in labellings.items()]
    lines, notes = list(_baselines(splits, labellings, asked, say)), [*splits.notes]
    for detector in detectors:
        try:
            lines += _bundle(detector, labellings, asked, say)
        except HateTinyLLMError as error:
            told = "; ".join([error.message, *error.problems])
            notes.append(f"{name_of(detector.bundle.folder)} is not judged: {told}")
    official, again = labellings.get(OFFICIAL, ()), labellings.get(RELABELLED, ())
    return Kit(
        language=asked.language,
        parts=_parts(splits, labellings, asked.language),
        missing=tuple(_missing(splits, asked.language)),
        ceiling=ceiling(official, again, HEAD, name=PERFECT) if again else None,
        changed=_changed(official, again) if again else None,
        compared=tuple(compared),
        lines=tuple(lines),
        draws=asked.draws,
        notes=tuple(notes),
    )


def _labellings(splits: Splits) -> dict[str, tuple[Example, ...]]:
    """What is judged: the test by both policies where it is here, by one in Spanish; dev where it is not."""
    if not splits.test:
        return {DEV: splits.dev}
    if splits.test[0].language != "en":
        return {OFFICIAL: splits.test}
    return {OFFICIAL: splits.test, RELABELLED: load_dataset("hateval", test="relabelled").test}


def _missing(splits: Splits, language: str) -> Iterator[str]:
    if not splits.test:
        file = FILES[f"{language} test"]
        yield f"the official test, {file.path}: {file.how}; put it beside train, in the cache or in HATETINYLLM_DATA"
        yield f"so dev stands in its place{_and_more(language)}"
    if language != "en":
        yield "another labelling of the test: only the English one was labelled again"


def _and_more(language: str) -> str:
    return "; the relabelled test's ids and labels are here, its texts come with the official one" if language == "en" else ""


def _parts(splits: Splits, labellings: Mapping[str, Sequence[Example]], language: str) -> dict[str, Count]:
    """Every part's rows and how many are hate; the relabelled test also where only its labels are here."""
    found = {name: _count(rows) for name, rows in {TRAIN: splits.train, DEV: splits.dev, **labellings}.items()}
    if language == "en" and RELABELLED not in found:
        labels = labels_by_id().values()
        hate = sum(HEAD.positive in one[HEAD.name] for one in labels)
        found[f"{RELABELLED}, labels alone"] = Count(rows=len(labels), positive=hate)
    return found


def _count(examples: Sequence[Example]) -> Count:
    return Count(rows=len(examples), positive=int(truth_of(examples, HEAD).sum()))


def _changed(official: Sequence[Example], again: Sequence[Example]) -> int:
    return int(np.count_nonzero(truth_of(official, HEAD) != truth_of(again, HEAD)))


def _compared(splits: Splits, name: str, rows: Sequence[Example], asked: Asked) -> Compared:
    return Compared(other=name, found=conflicts(splits.train, rows, HEAD, marks=asked.marks, needed=asked.needed))


def _baselines(splits: Splits, labellings: Mapping[str, tuple[Example, ...]], asked: Asked, say: Say) -> Iterator[Line]:
    """The two that read nothing, and TF-IDF fitted on train, its threshold chosen by dev."""
    name, examples = next(iter(labellings.items()))
    say(f"kin are looked for among {len(examples):,} rows")
    clusters = find_kin(examples).groups
    say(f"TF-IDF learns from {len(splits.train):,} rows")
    score = fit_tfidf(splits.train, HEAD)
    scores = score([example.text for example in examples])
    threshold = None if name == DEV else best_threshold(truth_of(splits.dev, HEAD), score([one.text for one in splits.dev]))
    rows = rows_of(examples, HEAD, scores, clusters)
    say("intervals are drawn")
    for said, own in constant_scores(len(rows), HEAD):
        yield from _lines(said, rows.scored(own), labellings, 0.5, None, asked)
    yield from _lines(TFIDF, rows, labellings, 0.5, threshold, asked)


def _bundle(detector: Detector, labellings: Mapping[str, tuple[Example, ...]], asked: Asked, say: Say) -> Iterator[Line]:
    """A bundle on the rows it did not learn from; its own dev chose its threshold."""
    on = next(iter(labellings))
    settings = (f"data.language={asked.language}",)
    wanted = Wanted(data="hateval", part="dev" if on == DEV else "test", settings=settings, baseline=False)
    made = judge_bundle(detector, wanted, Plan(draws=asked.draws, seed=asked.seed), say=say)
    threshold = made.operating[0].threshold if made.operating and on != DEV else None
    assert made.rows is not None, made.name
    yield from _lines(made.name, made.rows, labellings, made.band.high, threshold, asked)


def _lines(
    name: str, rows: Rows, labellings: Mapping[str, tuple[Example, ...]], own: float, chosen: float | None, asked: Asked
) -> Iterator[Line]:
    """The same scores against each labelling."""
    for on, examples in labellings.items():
        labels = {example.id: HEAD.positive in example.labels[HEAD.name] for example in examples}
        here = replace(rows, truth=np.array([labels[id] for id in rows.ids], dtype=np.int64))
        left_out = len(examples) - len(here)
        how = {"draws": asked.draws, "seed": asked.seed, "left_out": left_out}
        yield Line(
            name=name,
            on=on,
            result=judge_rows(here, HEAD, name=name, threshold=own, **how),
            frozen=None if chosen is None else judge_rows(here, HEAD, name=name, threshold=chosen, **how),
            oracle=_oracle(here),
        )


def _oracle(rows: Rows) -> float | None:
    """Scores that are all the same have no threshold to choose."""
    if one_label(rows.truth) or np.ptp(rows.scores) == 0:
        return None
    return float(sweep(rows.truth, rows.scores).figures["macro_f1"].max())


def best_threshold(truth: Truth, scores: Scores) -> float | None:
    """The threshold with the best macro-F1 on these rows; None where they have one label, or the best calls nothing positive."""
    if one_label(truth):
        return None
    places = sweep(truth, scores)
    best = float(places.thresholds[int(places.figures["macro_f1"].argmax())])
    return best if np.isfinite(best) else None
