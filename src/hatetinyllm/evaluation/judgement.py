"""
A judgement: all that can be said of a detector on some rows, and how far each figure can be believed.

It holds how the rows were come by, the headline figures with their intervals, the answers that read nothing and TF-IDF
beside them, the same figures for parts of the rows, contrast pairs, groups of people, and thresholds chosen elsewhere. The
rows are kept as ids, truths and scores (evaluation/rows.py), never as texts, so that judgements can be compared row by row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hatetinyllm.evaluation.contrast import Contrast
from hatetinyllm.evaluation.fairness import GroupFigures, Swaps
from hatetinyllm.evaluation.operating import Operating
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.evaluation.slices import Slice
from hatetinyllm.types import Band, Head, Interval, Result

DRAWS = 2000


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Which rows were judged, and how to read them again."""

    name: str  # of the dataset
    part: str
    how: str  # the split, in words
    digest: str  # of all rows of the part: ids, texts and labels
    rows: int  # of the part
    seen: int = 0  # rows left out because the detector learnt from their text
    asked: Mapping[str, Any] = field(default_factory=dict)  # the sections of a recipe that give these rows again
    files: Mapping[str, str] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """How intervals were drawn: the percentile bootstrap over whole groups of kin."""

    draws: int
    seed: int
    kin: str  # what made rows kin


@dataclass(frozen=True, kw_only=True)
class Review:
    """What a mode with a band of doubt leaves to people, and how it fares on the rest."""

    rows: int
    share: float
    interval: Interval
    accuracy: float | None  # of the rows that were decided; None where none was


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Labelled rows that got no answer: no figure counts them, so refusing what is hard must not look like skill."""

    rows: int
    accuracy: float  # of all labelled rows, with these as wrong


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a detector comes to on some rows."""

    name: str
    identity: str  # the digest of a bundle, or what else names the detector for good
    head: Head
    mode: str
    band: Band
    judged: Judged
    drawn: Drawn
    result: Result
    others: tuple[Result, ...] = ()  # on the same rows: the answers that read nothing, and TF-IDF
    slices: tuple[Slice, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    groups: tuple[GroupFigures, ...] = ()
    swaps: Swaps | None = None
    review: Review | None = None  # None: the mode decides every row
    refused: Refused | None = None  # None: every labelled row got an answer
    operating: tuple[Operating, ...] = ()
    train_rows: int | None = None  # what it learnt from
    bands: Mapping[str, Band] = field(default_factory=dict)  # of all its modes
    manifest: Mapping[str, Any] = field(default_factory=dict)  # of its bundle, as plain JSON, without results
    made_with: Mapping[str, str] = field(default_factory=dict)
    made_at: str = ""
    rows: Rows | None = None
