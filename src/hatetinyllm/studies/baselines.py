"""
What a figure must be read beside, on any dataset and split: every row called positive, none, and untuned TF-IDF.

TF-IDF learns from train; the part it is judged on is test unless named. Intervals draw whole groups of kin of that part.
The same rows parted anew by other seeds tell how much of a figure is the parting's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hatetinyllm.config.recipe import Recipe, with_settings
from hatetinyllm.data.kin import find_kin
from hatetinyllm.data.sample import trim
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.drawn import judge_rows
from hatetinyllm.evaluation.evaluate import Score, evaluate
from hatetinyllm.evaluation.judge import TFIDF, Say
from hatetinyllm.evaluation.rows import Rows, rows_of
from hatetinyllm.evaluation.seeds import Spread, figures_over
from hatetinyllm.evaluation.trivial import constant_scores
from hatetinyllm.metrics.classification import Scores
from hatetinyllm.metrics.interval import DRAWS
from hatetinyllm.studies.learning import Curve, Learnt, curve_of
from hatetinyllm.training.follow import check
from hatetinyllm.training.heads import choose_heads
from hatetinyllm.training.material import read_splits
from hatetinyllm.training.source import SECTIONS, STAND_IN
from hatetinyllm.types import Example, Head, Result, Splits

NAMED = ("data", "split")  # of them: the sections that name a part


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows are asked for, and what else is to be told of them."""

    data: str
    settings: tuple[str, ...] = ()
    part: str = "test"
    partings: int = 1  # the rows parted so many times, each by the next seed
    sizes: tuple[int, ...] = ()  # of train, for a learning curve
    draws: int = DRAWS
    seed: int = 42


@dataclass(frozen=True, kw_only=True)
class Baselines:
    """TF-IDF, always positive and always negative on one part, in this order, and how the rows were come by."""

    data: str
    split: str
    part: str
    how: str
    asked: Mapping[str, Any]  # the sections of a recipe that give these rows again
    train: int  # rows TF-IDF learnt from
    kin: str
    draws: int
    seed: int
    results: tuple[Result, ...]
    spread: Mapping[str, Spread] = field(default_factory=dict)  # of TF-IDF over several partings of the same rows
    curve: Curve | None = None
    notes: tuple[str, ...] = ()


def baselines(wanted: Wanted, *, say: Say = lambda stage: None) -> Baselines:
    """Read the rows, fit TF-IDF, and judge all three."""
    recipe = _recipe(wanted, ())
    say(f"{recipe['data'].name} is read and parted")
    splits = read_splits(recipe)
    head = choose_heads(splits, **recipe["heads"].options)[0]
    examples = _part(splits, wanted.part, head)
    say(f"kin are looked for among {len(examples):,} rows")
    kin = find_kin(examples)
    say(f"TF-IDF learns from {len(splits.train):,} rows")
    rows = rows_of(examples, head, _scores(fit_tfidf(splits.train, head), examples), kin.groups)
    say("intervals are drawn")
    judged = _Judged(head=head, examples=examples, rows=rows, wanted=wanted)
    results = tuple(judged.results())
    others = list(_partings(wanted, recipe, examples, say)) if wanted.partings > 1 else []
    return Baselines(
        data=splits.name,
        split=recipe["split"].name,
        part=wanted.part,
        how=splits.how,
        asked={name: {**({"name": recipe[name].name} if name in NAMED else {}), **recipe[name].options} for name in SECTIONS},
        train=len(splits.train),
        kin=kin.how,
        draws=wanted.draws,
        seed=wanted.seed,
        results=results,
        spread=figures_over([results[0], *others]) if others else {},
        curve=_curve(judged, splits, say) if wanted.sizes else None,
        notes=splits.notes,
    )


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """The rows that are judged, with TF-IDF's scores."""

    head: Head
    examples: Sequence[Example]
    rows: Rows
    wanted: Wanted

    def results(self) -> Iterator[Result]:
        """TF-IDF, and the two that read nothing."""
        yield self.result(TFIDF, self.rows)
        for name, scores in constant_scores(len(self.rows), self.head):
            yield self.result(name, self.rows.scored(scores))

    def result(self, name: str, rows: Rows) -> Result:
        """One of them, with its intervals."""
        left_out = len(self.examples) - len(rows)
        how = {"draws": self.wanted.draws, "seed": self.wanted.seed, "left_out": left_out}
        return judge_rows(rows, self.head, name=name, threshold=0.5, **how)

    def by(self, score: Score, name: str) -> Result:
        """The same rows with the scores of another model."""
        kept = set(self.rows.ids)
        scores = _scores(score, [example for example in self.examples if example.id in kept])
        return self.result(name, self.rows.scored(scores))


def _recipe(wanted: Wanted, more: Sequence[str]) -> Recipe:
    """The rows' sections; where dev is judged, `official` takes no test from train unless it is told to."""
    given = with_settings({"data": {"name": wanted.data}, "split": {"name": "official"}, **STAND_IN}, [*wanted.settings, *more])
    if wanted.part == "dev" and given["split"].get("name") in ("official", "official-leakfree"):
        given["split"] = {"test_share": 0.0, **given["split"]}
    return check(given)


def _part(splits: Splits, part: str, head: Head) -> tuple[Example, ...]:
    examples = splits.part(part)
    if not any(example.labels.get(head.name) for example in examples):
        raise DataError(f"{splits.name}, split {splits.how}: {part} has no row with a {head.name} label to judge on")
    return examples


def _scores(score: Score, examples: Sequence[Example]) -> Scores:
    return np.asarray(score([example.text for example in examples]), dtype=np.float64)


def _partings(wanted: Wanted, recipe: Recipe, first: Sequence[Example], say: Say) -> Iterator[Result]:
    """TF-IDF on the rows parted by each of the next seeds; a split without chance in it has no spread."""
    name, seed = recipe["split"].name, recipe["split"].options.get("seed")
    if seed is None:
        raise DataError(f"the split {name!r} takes no seed, so it cannot be drawn {wanted.partings} times")
    for number in range(1, wanted.partings):
        say(f"parted by seed {seed + number}, {number + 1} of {wanted.partings}")
        parted = _recipe(wanted, [f"split.seed={seed + number}"])
        splits = read_splits(parted)
        head = choose_heads(splits, **parted["heads"].options)[0]
        examples = _part(splits, wanted.part, head)
        if [example.id for example in examples] == [example.id for example in first]:
            told = f"{wanted.part} is the same {len(first):,} rows for every seed"
            raise DataError(f"the split {name!r} has nothing to draw {wanted.partings} times", [told])
        yield evaluate(fit_tfidf(splits.train, head), examples, head, name=f"seed {seed + number}")


def _curve(judged: _Judged, splits: Splits, say: Say) -> Curve:
    """TF-IDF from ever more of train, smaller samples within larger ones, on the same rows each time."""
    sizes = sorted({min(size, len(splits.train)) for size in judged.wanted.sizes})
    learnt = []
    for size in sizes:
        say(f"TF-IDF learns from {size:,} of {len(splits.train):,} rows")
        score = fit_tfidf(trim(splits, train_rows=size, seed=judged.wanted.seed).train, judged.head)
        learnt.append(Learnt(rows=size, result=judged.by(score, f"{TFIDF}, {size:,} rows")))
    return curve_of(learnt)
