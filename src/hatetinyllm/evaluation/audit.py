"""
Can a split be trusted? What of it stands in two parts, and how far its judged part can be looked up in train.

It leaks when kin are parted, when the leak probe gains on a regression that reads the rows alone, or when the nearest train
row has the other label more often than not. Rows are taken in the order of their ids, so that the order they came in changes
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.crossing import Conflict, Crossing, conflicts, cross
from hatetinyllm.evaluation.grams import Vectors, learn_weights, weigh
from hatetinyllm.evaluation.index import ROW_PRODUCTS, Index, make_index
from hatetinyllm.evaluation.neighbours import EXACT_PRODUCTS, Pairs, joined, near, near_products, nearest_rows
from hatetinyllm.evaluation.parted import Across, Families, families
from hatetinyllm.evaluation.parts import FORM, UNKNOWN, Labels, Part, read_part
from hatetinyllm.evaluation.probe import LEARNT_ROWS, SEED, Bin, Figures, Looked, figures, guesses, histogram, look_up
from hatetinyllm.types import PARTS, Seed, Splits

NEAR = 0.7  # cosine from which texts are kin
MARGIN = 0.04  # below it, what a split without leaks leaves out too: with other rows in train a cosine is a little other
OVERALL = 0.5  # of it, once n-grams that stand in no two train texts count too
GAIN = 0.02  # more than this, and the probe has read the answers
LOOKED_UP = 0.5  # less than this, and the nearest train row misleads
FEW_ROWS = 400  # fewer, and a gain of .02 may be chance


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What a long audit is at, and how many of how many rows are done."""

    what: str
    done: int = 0
    of: int = 0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may be spent before a search becomes approximate."""

    row_products: int = ROW_PRODUCTS
    exact_products: int = EXACT_PRODUCTS


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found of a split, the verdict, and why."""

    name: str
    how: str  # the split
    scheme: str
    part: str  # the part that is judged against train
    rows: dict[str, int]
    verdict: Literal["leaks", "clean"]
    reasons: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    conflicts: tuple[Conflict, ...]
    figures: Figures
    rounds: tuple[Figures, ...]
    histogram: tuple[Bin, ...]
    kin: str  # what made rows kin
    form: str  # the form in which texts are equal
    nearest_rows: str  # exact, or how it was not
    near_pairs: str
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Audited:
    """An audit, and the kin that a split without leaks must keep together."""

    audit: Audit
    kin: Families


OnDoing = Callable[[Doing], None]


def audit(
    splits: Splits,
    *,
    whole: Splits | None = None,
    seed: Seed = SEED,
    limits: Limits | None = None,
    on_event: OnDoing | None = None,
) -> Audited:
    """
    Audit the test part, or dev where there is none, against train; and every part against those before it.

    `whole` is the dataset a split was made of, where that left rows out: kin are those among all its rows.
    """
    limits, say = limits or Limits(), on_event or _nobody
    _require_parts(splits)
    parts = {name: read_part(splits, name) for name in PARTS if splits.part(name)}
    train, judged = parts["train"], parts.get("test") or parts["dev"]
    say(Doing(what="n-grams"))
    weights = learn_weights(train.texts)
    vectors = {name: weigh(part.texts, weights) for name, part in parts.items()}
    say(Doing(what="the regression"))
    guess = guesses(vectors["train"], train.labels, vectors[judged.name], seed=seed)
    index = make_index(vectors["train"])
    across, way = _across(parts, vectors, index, limits, say)
    say(Doing(what="kin"))
    kin = families(whole or splits, across, floor=NEAR)
    looked, nearest_way = _looked(train, judged, vectors[judged.name], index, guess, limits, say)
    overall = figures(judged.name, looked)
    found = Audit(
        name=splits.name,
        how=splits.how,
        scheme=splits.scheme,
        part=judged.name,
        rows={name: len(part) for name, part in parts.items()},
        verdict="clean",
        reasons=(),
        crossings=tuple(cross(pair.earlier, pair.later, pair.near.only(pair.near.cosine >= NEAR), kin.of) for pair in across),
        conflicts=conflicts(list(parts.values())),
        figures=overall,
        rounds=_rounds(judged, looked),
        histogram=histogram(looked),
        kin=kin.how,
        form=FORM,
        nearest_rows=nearest_way,
        near_pairs=way,
        notes=(*_notes(train, judged, overall), *splits.notes),
    )
    reasons = tuple(reasons_of(found))
    apart = kin if kin.complete else families(whole or splits, across, floor=NEAR - MARGIN)
    return Audited(audit=replace(found, verdict="leaks" if reasons else "clean", reasons=reasons), kin=apart)


def reasons_of(found: Audit) -> list[str]:
    """Why a split leaks, each with its figure; nothing where it is clean."""
    reasons = [
        f"kin are parted: {one.kin:,} of {one.rows:,} {one.later} rows ({one.kin / one.rows:.1%}) have kin in {one.earlier}"
        for one in found.crossings
        if one.kin
    ]
    whole = found.figures
    if whole.probe is not None and whole.logistic is not None and whole.probe - whole.logistic > GAIN:
        reasons.append(
            f"answers can be looked up: with the opposite of a near train row's label, {found.part} accuracy goes from "
            f"{whole.logistic:.3f} to {whole.probe:.3f} ({whole.probe - whole.logistic:+.3f}, more than {GAIN:g})"
        )
    if whole.nearest is not None and whole.nearest < LOOKED_UP:
        reasons.append(
            f"near rows mislead: the nearest train row has the label of {whole.nearest:.1%} of {found.part} rows, "
            f"less than {LOOKED_UP:.0%}"
        )
    return reasons


def _require_parts(splits: Splits) -> None:
    """There must be something to learn from, and something to judge."""
    there = ", ".join(f"{part} ({len(splits.part(part)):,} rows)" for part in PARTS if splits.part(part)) or "no rows at all"
    if not splits.train:
        raise DataError(f"{splits.name}: an audit compares with train, and there is none", [f"it has {there}"])
    if not splits.test and not splits.dev:
        hints = [f"it has {there}", "a split carves one: --set split.name=random, or split.name=grouped"]
        raise DataError(f"{splits.name} has neither a test nor a dev part to audit", hints)


def _across(
    parts: dict[str, Part], vectors: dict[str, Vectors], index: Index, limits: Limits, say: OnDoing
) -> tuple[tuple[Across, ...], str]:
    """The near pairs of every two parts, and whether all of them were looked for."""
    found, cut = [], False
    for earlier, later in combinations(parts.values(), 2):
        rows = vectors[later.name]
        say(Doing(what=f"{later.name} rows near {earlier.name}"))
        there = index if earlier.name == "train" else make_index(vectors[earlier.name])
        dear = there.most is not None or near_products(there, rows, NEAR - MARGIN) > limits.exact_products
        pairs = _near(earlier, later, there, rows, limits.row_products if dear else None)
        found.append(Across(earlier=earlier, later=later, near=pairs))
        cut = cut or dear
    way = f"approximate ({limits.row_products:,} products a row on its rarest n-grams)" if cut else "exact"
    return tuple(found), way


def _near(earlier: Part, later: Part, index: Index, rows: Vectors, row_products: int | None) -> Pairs:
    """The near pairs whose texts are not equal: those are known already, and may be very many."""
    kept = []
    for pairs in near(index, rows, NEAR - MARGIN, row_products=row_products):
        overall = pairs.cosine * rows.kept[pairs.queries] * index.kept[pairs.rows]
        different = later.forms[pairs.queries] != earlier.forms[pairs.rows]
        kept.append(pairs.only((overall >= OVERALL * np.minimum(pairs.cosine, NEAR)) & different))
    return joined(kept)


def _looked(
    train: Part, judged: Part, rows: Vectors, index: Index, guess: Labels | None, limits: Limits, say: OnDoing
) -> tuple[Looked, str]:
    """The labelled rows of the judged part with what train says of them, and how their nearest were found."""
    what = f"the nearest train row of each {judged.name} row"
    found = nearest_rows(
        index,
        rows,
        row_products=limits.row_products,
        exact_products=limits.exact_products,
        on_rows=lambda done, of: say(Doing(what=what, done=done, of=of)),
    )
    say(Doing(what="the probe"))
    row_products = None if found.proven.all() else limits.row_products
    looked = look_up(index, train.labels, judged.labels, found, guess, row_products=row_products)
    return looked.only(judged.labels != UNKNOWN), found.how


def _rounds(judged: Part, looked: Looked) -> tuple[Figures, ...]:
    """The figures of each round that is recorded."""
    rounds = np.array([name or "" for name in judged.rounds])[judged.labels != UNKNOWN]
    names = sorted(set(rounds.tolist()) - {""})
    return tuple(figures(f"round {name}", looked.only(rounds == name)) for name in names)


def _notes(train: Part, judged: Part, whole: Figures) -> list[str]:
    """What a reader of the figures must know."""
    notes = []
    known = int((train.labels != UNKNOWN).sum())
    if known > LEARNT_ROWS:
        notes.append(f"the regression learnt from {LEARNT_ROWS:,} of {known:,} train rows, drawn label by label")
    if whole.rows < len(judged):
        notes.append(f"{len(judged) - whole.rows:,} of {len(judged):,} {judged.name} rows have no label and are not judged")
    if whole.rows and whole.logistic is None:
        notes.append("train has rows of one label only: there is nothing to regress, and no probe")
    if whole.logistic is not None and whole.copied is not None and whole.copied - whole.logistic > GAIN:
        gain = whole.copied - whole.logistic
        notes.append(f"copying the label of near train rows gains {gain:+.3f} on the regression: duplicates are rewarded")
    if 0 < whole.rows < FEW_ROWS:
        notes.append(f"{whole.rows:,} rows are few: a gain of {GAIN:g} may be chance")
    return notes


def _nobody(doing: Doing) -> None:
    """Nobody listens."""
