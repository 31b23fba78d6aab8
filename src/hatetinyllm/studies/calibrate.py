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

from hatetinyllm.bundle import Bundle, Calibration, Manifest
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
from hatetinyllm.types import Example, Head

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


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the bundle becomes, and what it was made of."""

    manifest: Manifest
    held: Held
    calibrated: Calibrated
    refused: Mapping[str, Refused]  # of the modes that were asked for by name


def calibrate_bundle(detector: Detector, wanted: Wanted, *, say: Say = lambda stage: None) -> Outcome:
    """The outcome for an opened bundle."""
    bundle, head, rules = detector.bundle, detector.heads[0], wanted.rules()
    if head.positive is None:
        raise DataError(f"head {head.name!r} has no positive label: it has no scores to calibrate")
    say("rows are read")
    rows = held_out_rows(bundle, wanted.data, wanted.part, wanted.settings)
    if not (rows.splits.train or rows.splits.dev) and all(example.slice for example in rows.examples):
        raise DataError(f"{rows.splits.name} is a functional suite: it tests a detector, and no threshold is chosen on it")
    say("kin are looked for")
    kin, groups = _kin(rows)
    held = _held(detector, head, rows, groups, say)
    candidates = _candidates(bundle, wanted)
    say(f"thresholds are chosen on {len(held.ids):,} rows")
    found = calibrate(held, rules, method=wanted.method, seed=wanted.seed, candidates=candidates)
    notes = (*found.notes, *_own_notes(wanted, candidates), *rows.notes)
    record = _record(bundle, wanted, rows, held, found, kin=kin.how, candidates=candidates, notes=notes)
    asked = wanted.modes or ((review_name(wanted.review_budget),) if wanted.review_budget is not None else ())
    named = {rule.name for rule in rules_of(asked)}
    return Outcome(
        manifest=_manifest(bundle.manifest, head, found, record),
        held=held,
        calibrated=found,
        refused={name: why for name, why in found.refused.items() if name in named},
    )


def _kin(rows: Unseen) -> tuple[Kin, dict[str, int]]:
    """The kin, and the group of each row by its id: two rows can be kin by a third that is not among them."""
    whole = tuple(rows.splits.rows())
    among: Sequence[Example] = whole if len(whole) <= KIN_ROWS else rows.examples
    kin = find_kin(among)
    return kin, {example.id: group for example, group in zip(among, kin.groups, strict=True)}


def _held(detector: Detector, head: Head, rows: Unseen, groups: Mapping[str, int], say: Say) -> Held:
    """The rows that have a label and something to read, with what the net says of them."""
    labelled = [example for example in rows.examples if example.labels.get(head.name)]
    odds = _odds(detector, [example.text for example in labelled], say)
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


def _odds(detector: Detector, texts: Sequence[str], say: Say) -> Numbers:
    found = []
    for start in range(0, len(texts), CHUNK):
        say(f"{start:,} of {len(texts):,} texts are scored")
        found.append(detector.log_odds(texts[start : start + CHUNK]))
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


def _manifest(before: Manifest, head: Head, found: Calibrated, record: Calibration) -> Manifest:
    """The manifest of the same weights; what was measured with other scores says so."""
    temperatures = {name: value for name, value in before.temperatures.items() if name != head.name}
    scaling = found.scaling
    if scaling.temperature != 1:
        temperatures[head.name] = scaling.temperature
    same = (temperatures, scaling.curve) == (dict(before.temperatures), before.curve)
    marked = tuple(
        one if same or one.name.endswith(UNCALIBRATED) else replace(one, name=f"{one.name}{UNCALIBRATED}")
        for one in before.results
    )
    return replace(
        before,
        temperatures=temperatures,
        curve=scaling.curve,
        bands=dict(found.bands),
        modes=dict(found.modes),
        calibration=record,
        results=marked,
    )
