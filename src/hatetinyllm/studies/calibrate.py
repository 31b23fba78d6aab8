"""
Calibrate a bundle: its net is asked about rows it was not fitted to, and what they say becomes its scaling and its modes.

Nothing is written here: what comes out is the manifest the same weights get. Where the rows are the bundle's own dev part,
they have chosen among versions of its weights as well, and every promise is made for each of these versions at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from hatetinyllm.bundle import Bundle, Calibration, HeadRecord, Manifest
from hatetinyllm.config.recipe import read_toml
from hatetinyllm.data.checks import digest_part
from hatetinyllm.data.kin import Kin, find_kin
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.calibration import Calibrated, Held, calibrate
from hatetinyllm.evaluation.promise import Refused
from hatetinyllm.evaluation.rule import FORMS, Rule, review_name, rules_of
from hatetinyllm.evaluation.scaling import Method
from hatetinyllm.evaluation.thresholds import PRECISION_WANTED, RECALL_WANTED
from hatetinyllm.inference.detector import Detector
from hatetinyllm.scores import Numbers
from hatetinyllm.training.judgements import most_judgements
from hatetinyllm.training.unseen import Unseen, chose_weights, held_out_rows
from hatetinyllm.types import Example, Head, Result

CHUNK = 1024  # texts between two tellings
KIN_ROWS = 200_000  # of a larger dataset kin are looked for among the calibration's rows alone
UNCALIBRATED = ", before calibration"  # ends the name of a result that other scores gave
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows calibrate, how scores are fitted, and which modes there shall be."""

    data: str | None = None  # the bundle's own, unless named
    part: str = "dev"
    settings: tuple[str, ...] = ()
    method: Method = "temperature"
    modes: tuple[str, ...] = ()  # the usual ones, unless named
    review_budget: float | None = None  # share of rows for people
    precision: float = PRECISION_WANTED
    recall: float = RECALL_WANTED
    seed: int = 42

    def rules(self) -> tuple[Rule, ...]:
        """The modes that are asked for."""
        budget = () if self.review_budget is None else (review_name(self.review_budget),)
        usual = tuple(name for name in FORMS if not (budget and name.startswith("review-")))
        return rules_of((*(self.modes or usual), *budget), precision=self.precision, recall=self.recall)

    def asked(self) -> tuple[str, ...]:
        """The modes that were asked for by name."""
        return self.modes or ((review_name(self.review_budget),) if self.review_budget is not None else ())


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What a head's scores and modes were made of, and how to say so."""

    held: Held
    calibrated: Calibrated
    record: Calibration


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the bundle becomes, and what it was made of."""

    manifest: Manifest
    held: Held
    calibrated: Calibrated
    refused: Mapping[str, Refused]  # of the modes that were asked for by name
    beside: Mapping[str, Fitted]  # the other heads that the rows answer; a mode such a head cannot have is left out
    notes: tuple[str, ...] = ()  # of heads that stay as they were


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The rows that calibrate, and which of them are kin."""

    unseen: Unseen
    kin: str
    groups: Mapping[str, int]


def calibrate_bundle(detector: Detector, wanted: Wanted, *, say: Say = lambda stage: None) -> Outcome:
    """The outcome for an opened bundle: its headline, and every other head of two labels that the rows answer by both."""
    bundle, head = detector.bundle, detector.heads[0]
    if head.positive is None:
        raise DataError(f"head {head.name!r} has no positive label: it has no scores to calibrate")
    wanted.rules()  # what cannot be read is told before anything is
    say("rows are read")
    unseen = held_out_rows(bundle, wanted.data, wanted.part, wanted.settings)
    if not (unseen.splits.train or unseen.splits.dev) and all(example.slice for example in unseen.examples):
        raise DataError(f"{unseen.splits.name} is a functional suite: it tests a detector, and no threshold is chosen on it")
    say("kin are looked for")
    kin, groups = _kin(unseen)
    rows = _Rows(unseen=unseen, kin=kin.how, groups=groups)
    headline = _fit(detector, head, wanted, rows, say)
    others = [other for other in detector.heads[1:] if other.binary and other.positive]
    answered = [other for other in others if _has_both(unseen.examples, other)]
    beside = {other.name: _fit(detector, other, wanted, rows, say) for other in answered}
    named = {rule.name for rule in rules_of(wanted.asked())}
    return Outcome(
        manifest=_manifest(bundle.manifest, head, headline, beside),
        held=headline.held,
        calibrated=headline.calibrated,
        refused={name: why for name, why in headline.calibrated.refused.items() if name in named},
        beside=beside,
        notes=tuple(
            f"{other.name}: stays as it was, these rows do not answer it by both labels"
            for other in others
            if other not in answered
        ),
    )


def _has_both(examples: Sequence[Example], head: Head) -> bool:
    return len({example.labels[head.name] for example in examples if example.labels.get(head.name)}) > 1


def _fit(detector: Detector, head: Head, wanted: Wanted, rows: _Rows, say: Say) -> Fitted:
    """One head's scaling and modes; only rows that answer the headline had a part in the choice of weights."""
    held = _held(detector, head, rows.unseen, rows.groups, say)
    ids, headline = set(held.ids), detector.heads[0].name
    chose = any(example.id in ids and example.labels.get(headline) for example in rows.unseen.examples)
    candidates = _candidates(detector.bundle, wanted) if chose else 1
    say(f"thresholds of {head.name} are chosen on {len(held.ids):,} rows")
    found = calibrate(held, wanted.rules(), method=wanted.method, seed=wanted.seed, candidates=candidates)
    notes = (*found.notes, *_own_notes(wanted, candidates), *rows.unseen.notes)
    record = _record(detector.bundle, wanted, rows.unseen, held, found, kin=rows.kin, candidates=candidates, notes=notes)
    return Fitted(held=held, calibrated=found, record=record)


def _kin(rows: Unseen) -> tuple[Kin, dict[str, int]]:
    """The kin, and the group of each row by its id: two rows can be kin by a third that is not among them."""
    whole = tuple(rows.splits.rows())
    among: Sequence[Example] = whole if len(whole) <= KIN_ROWS else rows.examples
    kin = find_kin(among)
    return kin, {example.id: group for example, group in zip(among, kin.groups, strict=True)}


def _held(detector: Detector, head: Head, rows: Unseen, groups: Mapping[str, int], say: Say) -> Held:
    """The rows that have a label and something to read, with what the net says of them."""
    labelled = [example for example in rows.examples if example.labels.get(head.name)]
    odds = _odds(detector, head, [example.text for example in labelled], say)
    read = np.flatnonzero(~np.isnan(odds))
    chosen = [labelled[row] for row in read]
    try:
        return Held(
            ids=tuple(example.id for example in chosen),
            truth=np.array([head.positive in example.labels[head.name] for example in chosen], dtype=np.int64),
            odds=odds[read],
            groups=np.array([groups[example.id] for example in chosen], dtype=np.int64),
        )
    except DataError as error:
        raise DataError(f"{rows.splits.name} {rows.part}: {error.message}", error.problems) from error


def _odds(detector: Detector, head: Head, texts: Sequence[str], say: Say) -> Numbers:
    found = []
    for start in range(0, len(texts), CHUNK):
        say(f"{start:,} of {len(texts):,} texts are scored")
        found.append(detector.log_odds(texts[start : start + CHUNK], of=head))
    return np.concatenate([np.empty(0), *found])


def _candidates(bundle: Bundle, wanted: Wanted) -> int:
    """Among how many versions of the weights these rows have chosen."""
    if not chose_weights(wanted.data, wanted.part):
        return 1
    recipe = read_toml(bundle.manifest.recipe, where=f"the recipe in {bundle.folder}")
    return most_judgements(recipe, bundle.manifest.data.rows.get("train", 0) if bundle.manifest.data else 0)


def _own_notes(wanted: Wanted, candidates: int) -> tuple[str, ...]:
    if candidates > 1:
        told = f"these rows also chose among {candidates} versions of the weights in training"
        return (f"{told}: a promise is made for each of these at once, and so takes more rows",)
    if wanted.data is None and wanted.part == "test":
        return ("these rows are the bundle's own test part: it can no longer be judged on them",)
    return ()


def _record(bundle: Bundle, wanted: Wanted, rows: Unseen, held: Held, found: Calibrated, **told: Any) -> Calibration:
    splits = rows.splits
    positives = int(held.truth.sum())
    return Calibration(
        method=wanted.method,
        name=splits.name,
        part=rows.part,
        how=splits.how,
        digest=digest_part(splits, rows.part),
        asked=rows.asked,
        files=dict(splits.files),
        rows=len(held.ids),
        positives=positives,
        negatives=len(held.ids) - positives,
        independent=found.independent,
        seed=wanted.seed,
        before=dict(found.before),
        after=dict(found.after),
        bundle=bundle.identity,
        **told,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _manifest(before: Manifest, head: Head, headline: Fitted, beside: Mapping[str, Fitted]) -> Manifest:
    """The manifest of the same weights; what was measured with other scores says so."""
    scalings = {head.name: headline.calibrated.scaling, **{name: one.calibrated.scaling for name, one in beside.items()}}
    temperatures = {name: value for name, value in before.temperatures.items() if name not in scalings}
    temperatures |= {name: scaling.temperature for name, scaling in scalings.items() if scaling.temperature != 1}
    curves = {head.name: before.curve, **{name: record.curve for name, record in before.beside.items()}}
    changed = {
        name
        for name, scaling in scalings.items()
        if (scaling.temperature, scaling.curve) != (before.temperatures.get(name, 1.0), curves.get(name))
    }
    return replace(
        before,
        temperatures=temperatures,
        curve=headline.calibrated.scaling.curve,
        bands=dict(headline.calibrated.bands),
        modes=dict(headline.calibrated.modes),
        calibration=headline.record,
        beside={**before.beside, **{name: _head_record(one) for name, one in beside.items()}},
        results=tuple(_marked(one) if one.head in changed else one for one in before.results),
    )


def _head_record(fitted: Fitted) -> HeadRecord:
    found = fitted.calibrated
    return HeadRecord(bands=dict(found.bands), modes=dict(found.modes), curve=found.scaling.curve, calibration=fitted.record)


def _marked(result: Result) -> Result:
    return result if result.name.endswith(UNCALIBRATED) else replace(result, name=f"{result.name}{UNCALIBRATED}")
