"""
A detector judged whole. A bundle: on rows it did not learn from, beside TF-IDF fitted on what it did learn from, with
thresholds tried that its own dev part chose. Any other: on a dataset's rows, beside TF-IDF fitted on that dataset's train part.

What another detector learnt from is not known here, so that these rows may be among it, and the judgement says so. Nothing of
a text is kept in what comes out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hatetinyllm.bundle import Bundle, made_with, name_of
from hatetinyllm.config.recipe import with_settings
from hatetinyllm.data.checks import digest_part
from hatetinyllm.data.kin import find_kin
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.judge import Plan, Say, judge
from hatetinyllm.evaluation.judgement import Judged, Judgement
from hatetinyllm.inference.detector import Detector
from hatetinyllm.inference.detectors.answers import AnyDetector
from hatetinyllm.labels import scheme
from hatetinyllm.plain import plain
from hatetinyllm.policy import BEST_GUESS, BEST_GUESS_BAND, band_of
from hatetinyllm.scores import Numbers
from hatetinyllm.training.source import CARVE_NOTHING, as_part, read_source
from hatetinyllm.training.unseen import Unseen, unseen_rows
from hatetinyllm.types import Head, Splits


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows are asked for, and what is to stand beside the figures."""

    data: str | None = None  # the bundle's own, unless named
    part: str = "test"
    settings: tuple[str, ...] = ()
    mode: str = BEST_GUESS
    baseline: bool = True  # TF-IDF on the same rows
    thresholds: bool = True  # those that the dev part chose


def judge_bundle(detector: Detector, wanted: Wanted, plan: Plan | None = None, *, say: Say = lambda stage: None) -> Judgement:
    """The judgement of an opened bundle."""
    bundle = detector.bundle
    band = band_of(wanted.mode, bundle.manifest.bands)
    say("rows are read")
    unseen = unseen_rows(bundle, wanted.data, wanted.part, wanted.settings)
    say(f"kin are looked for among {len(unseen.examples):,} rows")
    kin = find_kin(unseen.examples)
    learnt, head = unseen.learnt, detector.heads[0]
    baseline = None
    if wanted.baseline and learnt is not None and _has_both(learnt, head.name):
        say(f"TF-IDF learns from the bundle's {len(learnt.train):,} train rows")
        baseline = fit_tfidf(learnt.train, head)
    made = judge(
        detector.scores,
        unseen.examples,
        head,
        name=name_of(bundle.folder),
        identity=bundle.identity,
        judged=_judged(unseen),
        clusters=kin.groups,
        kin=kin.how,
        mode=wanted.mode,
        band=band,
        dev=learnt.dev if learnt is not None and wanted.thresholds else (),
        baseline=baseline,
        plan=plan,
        say=say,
    )
    return replace(
        made,
        train_rows=_train_rows(bundle),
        bands=dict(bundle.manifest.bands),
        manifest={key: value for key, value in plain(bundle.manifest).items() if key != "results"},
        made_with=made_with(),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def judge_any(detector: AnyDetector, wanted: Wanted, plan: Plan | None = None, *, say: Say = lambda stage: None) -> Judgement:
    """The judgement of a detector that is no bundle of ours; the dataset must be named."""
    if wanted.data is None:
        raise DataError(f"{detector.name} brings no data of its own: name the rows to judge it on by --data NAME")
    if wanted.mode != BEST_GUESS:
        raise DataError(f"{detector.name} is no bundle and has no mode {wanted.mode!r}: its own threshold decides, or .5")
    say("rows are read")
    asked = as_part(with_settings({"data": {"name": wanted.data}, "split": CARVE_NOTHING}, wanted.settings), wanted.part)
    splits = read_source(asked)
    examples, head = splits.part(wanted.part), head_of(splits.scheme)
    if not examples:
        raise DataError(f"{splits.name} has no {wanted.part} part")
    say(f"kin are looked for among {len(examples):,} rows")
    kin = find_kin(examples)
    unseen = Unseen(splits=splits, part=wanted.part, examples=examples, seen=0, notes=(), learnt=None, asked=asked)
    notes = (*_unknown(detector, splits), *detector.notes, *splits.notes)
    baseline = None
    if wanted.baseline and wanted.part != "train" and _has_both(splits, head.name):
        say(f"TF-IDF learns from {len(splits.train):,} train rows")
        baseline = fit_tfidf(splits.train, head)
    decided: list[tuple[bool, ...]] = []

    def score(texts: Sequence[str]) -> Numbers:
        answers = detector.ask(texts, lambda more: None)
        if not decided:  # the first texts asked are the examples
            called = answers.scores >= (detector.band or BEST_GUESS_BAND).high
            decided.append(tuple(own is not None and own != ours for own, ours in zip(answers.calls or (), called, strict=False)))
        return answers.scores

    made = judge(
        score,
        examples,
        head,
        name=detector.name,
        identity=detector.identity,
        judged=replace(_judged(unseen), notes=notes),
        clusters=kin.groups,
        kin=kin.how,
        mode=detector.mode or BEST_GUESS,
        band=detector.band or BEST_GUESS_BAND,
        dev=splits.dev if wanted.thresholds and wanted.part == "test" else (),
        baseline=baseline,
        plan=plan,
        say=say,
    )
    told = replace(made.judged, notes=(*made.judged.notes, *_own_calls(decided[0], made.band.high)))
    return replace(made, judged=told, made_with=made_with(), made_at=datetime.now(UTC).isoformat(timespec="seconds"))


def _own_calls(apart: Sequence[bool], threshold: float) -> Iterator[str]:
    """A detector that decides for itself is judged by its scores all the same: figures need a threshold that can move."""
    if apart:
        said = f"it decides otherwise on {sum(apart):,} of {len(apart):,} rows"
        yield f"figures are of its scores, positive from {threshold:g} on, not of its own decisions: {said}"


def head_of(scheme_name: str) -> Head:
    """A scheme as the question a detector answers."""
    found = scheme(scheme_name)
    return Head(name=found.name, labels=found.labels, positive=found.positive, many=found.many)


def _unknown(detector: AnyDetector, splits: Splits) -> Iterator[str]:
    if detector.learnt_from == splits.name:
        yield f"{detector.name} learnt from {splits.name}: these rows may be among what it learnt from"
    else:
        yield f"what {detector.name} learnt from is not known here: these rows may be among it"


def _judged(unseen: Unseen) -> Judged:
    splits = unseen.splits
    return Judged(
        name=splits.name,
        part=unseen.part,
        how=splits.how,
        digest=digest_part(splits, unseen.part),
        rows=len(splits.part(unseen.part)),
        seen=unseen.seen,
        asked=unseen.asked,
        files=dict(splits.files),
        licences=splits.licences,
        languages=tuple(sorted({example.language for example in unseen.examples})),
        notes=unseen.notes,
    )


def _train_rows(bundle: Bundle) -> int | None:
    return bundle.manifest.data.rows.get("train") if bundle.manifest.data else None


def _has_both(splits: Splits, head: str) -> bool:
    return len({example.labels[head] for example in splits.train if example.labels.get(head)}) > 1
