"""
Trained on one dataset, judged on another: every bundle of a study on the test parts of the others.

A test part is the one the other dataset's own cell was judged on, so that a column compares its rows; a dataset that is
no cell's is judged on its official test part. Rows whose text the bundle learnt from are left out and counted.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from hatetinyllm.config.recipe import with_settings
from hatetinyllm.data import DATASETS as KNOWN
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.errors import HateTinyLLMError, UnknownName
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.folder import SUMS, digest_of, write_text_whole
from hatetinyllm.inference.detector import Detector
from hatetinyllm.plain import to_json
from hatetinyllm.policy import BEST_GUESS, band_of
from hatetinyllm.reporting.figure import DASH, share
from hatetinyllm.reporting.table import Column, Notes, Row, Table, cells
from hatetinyllm.studies import paper
from hatetinyllm.studies.cell import CellResult
from hatetinyllm.studies.cells import DATA, SPLIT_NAMES, Cell, SplitName
from hatetinyllm.studies.reproduce import MADE_UP, Grid, given_of_run
from hatetinyllm.studies.settings import told_of, warning
from hatetinyllm.studies.study import IN_WORDS, folder_of
from hatetinyllm.training.follow import check
from hatetinyllm.training.material import read_splits
from hatetinyllm.training.unseen import unseen_rows
from hatetinyllm.typed import TypedError, build
from hatetinyllm.types import Result

FORMAT = 1
COLUMNS = tuple(DATA)
OFFICIAL = {"name": "official", "test_share": 0.0, "dev_share": 0.0}  # of a dataset that is no cell's
MEASURES = (("accuracy", "accuracy"), ("F1 of hate", "f1_hate"), ("macro-F1", "macro_f1"))


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """A bundle of one cell, judged on another dataset."""

    cell: str
    split: str
    seed: int
    on: str
    identity: str  # of the bundle that was judged
    result: Result
    rows: str  # the digest of the test part, before such rows were left out
    seen: int  # rows left out, because the bundle learnt from their text
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A judgement that is wanted: its bundle, its data and where it is kept."""

    cell: Cell
    found: CellResult
    on: str
    bundle: Path
    kept: Path

    @property
    def said(self) -> str:
        """The pair in words."""
        return f"{self.cell.name}, {self.found.split}, seed {self.found.seed}, on {self.on}"


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A pair that could not be judged, and why."""

    pair: Pair
    error: tuple[str, ...]


def pairs(out: Path, found: Sequence[CellResult], others: Sequence[str] = ()) -> tuple[Pair, ...]:
    """Every finished trained cell against every other dataset; unknown names are told at once."""
    for name in others:
        KNOWN.place(name)
    if reserved := [name for name in others if name in COLUMNS]:
        raise UnknownName(f"--on names datasets the matrix has anyway: {', '.join(reserved)}")
    made = []
    for result in found:
        cell = Cell(model=result.model, method=result.method, dataset=result.dataset)
        bundle = folder_of(out, cell, result.split, result.seed) / "run" / "bundle"
        for on in (*COLUMNS, *others) if cell.trained else ():
            if on != cell.dataset:
                kept = out / "cross" / cell.name / result.split / f"seed-{result.seed}" / f"{on}.json"
                made.append(Pair(cell=cell, found=result, on=on, bundle=bundle, kept=kept))
    return tuple(made)


def judge_pairs(wanted: Sequence[Pair], grid: Grid) -> Iterator[Pair | Crossed | Failed]:
    """Judge what is not judged yet, or on other rows, each kept as it ends: a pair when it is begun, then what came of it."""
    opened: tuple[Path, Detector] | None = None
    digests = dict[str, str]()
    for pair in wanted:
        kept = read_crossed(pair)
        try:
            digest = _digest_of_rows(pair, grid, digests)
        except HateTinyLLMError as error:
            if kept is None:
                yield pair
                yield Failed(pair=pair, error=(error.message, *error.problems))
            continue  # rows that are not here now cannot be compared with those that were judged
        if kept is not None and kept.rows == digest:
            continue
        yield pair
        try:
            if opened is None or opened[0] != pair.bundle:
                opened = None  # the last net is let go before the next is read
                opened = (pair.bundle, Detector.open(pair.bundle))
            judgement = _judge(pair, opened[1], grid, digest)
        except HateTinyLLMError as error:
            yield Failed(pair=pair, error=(error.message, *error.problems))
            continue
        pair.kept.parent.mkdir(parents=True, exist_ok=True)
        write_text_whole(pair.kept, to_json({"format": FORMAT, "judgement": judgement}, indent=2) + "\n")
        yield judgement


def read_crossed(pair: Pair) -> Crossed | None:
    """What is kept of a pair; None where nothing is, where it cannot be read, or where its bundle was made anew since."""
    try:
        content = json.loads(pair.kept.read_text(encoding="utf-8"))
        found = build(Crossed, content["judgement"]) if content["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, TypedError):
        return None
    return found if found is not None and found.identity == _identity(pair.bundle) else None


def matrix_tables(out: Path, found: Sequence[CellResult], others: Sequence[str] = ()) -> tuple[Table, ...]:
    """For every figure and split a matrix: what a net learnt from, by what it was judged on; means over seeds."""
    kept = [judgement for pair in pairs(out, found, others) if (judgement := read_crossed(pair))]
    if not kept:
        return ()
    columns = [name for name in (*COLUMNS, *others) if any(name == one.on for one in kept) or _is_own(name, found)]
    return tuple(
        _matrix(words, metric, split, found, kept, columns)
        for split in SPLIT_NAMES
        if any(one.split == split for one in kept)
        for words, metric in MEASURES
    )


def _judge(pair: Pair, detector: Detector, grid: Grid, digest: str) -> Crossed:
    """A bundle on the test part of other data, at the threshold that best guesses use."""
    name, settings = _data_of(pair, grid)
    unseen = unseen_rows(detector.bundle, name, "test", settings)
    threshold = band_of(BEST_GUESS, detector.bundle.manifest.bands).high
    result = evaluate(detector.scores, unseen.examples, detector.heads[0], name=f"{pair.on} test", threshold=threshold)
    return Crossed(
        cell=pair.cell.name,
        split=pair.found.split,
        seed=pair.found.seed,
        on=pair.on,
        identity=detector.bundle.identity,
        result=result,
        rows=digest,
        seen=unseen.seen,
        notes=(*([f"{MADE_UP} {pair.on}"] if pair.on in grid.stand_ins else []), *unseen.notes),
    )


def _digest_of_rows(pair: Pair, grid: Grid, known: dict[str, str]) -> str:
    """The digest of the test part a pair is judged on; a part that several pairs share is read once."""
    name, settings = _data_of(pair, grid)
    place = to_json([name, settings])
    if place not in known:
        parts = {"model": {"name": "scratch"}, "tuning": {"name": "head"}, "split": OFFICIAL, "data": {"name": name}}
        whole = read_splits(check(with_settings(parts, settings)))
        known[place] = digest_rows(replace(whole, train=(), dev=()))
    return known[place]


def _data_of(pair: Pair, grid: Grid) -> tuple[str, list[str]]:
    """The other dataset's registered name, and the settings that part it as its own cell does."""
    if pair.on not in COLUMNS:
        return pair.on, []
    other = Cell(model=pair.cell.model, method=pair.cell.method, dataset=pair.on)
    split = next(name for name in SPLIT_NAMES if name == pair.found.split)
    given = given_of_run(grid, other, split, pair.found.seed)
    settings = [
        f"{section}.{key}={json.dumps(value)}"
        for section in ("data", "sample", "split")
        for key, value in given.get(section, {}).items()
        if (section, key) != ("data", "name")
    ]
    return str(given["data"]["name"]), settings


def _matrix(
    words: str, metric: str, split: SplitName, found: Sequence[CellResult], kept: Sequence[Crossed], columns: Sequence[str]
) -> Table:
    rows: list[Row] = []
    for model, method in dict.fromkeys((cell.model, cell.method) for cell in found if cell.learning):
        rows.append(cells(f"{paper.MODELS.get(model, model)}, {method}"))
        for dataset in COLUMNS:
            own = [c for c in found if (c.model, c.method, c.dataset, c.split) == (model, method, dataset, split)]
            name = Cell(model=model, method=method, dataset=dataset).name
            judged = [one for one in kept if (one.cell, one.split) == (name, split)]
            if own:
                results = {on: [one.result for one in judged if one.on == on] for on in columns}
                results[dataset] = [cell.headline for cell in own]
                shown = (_figure(results[on], metric, own=on == dataset) for on in columns)
                rows.append(cells(f"learnt from {_named(dataset)}", *shown))
    seen = sum(one.seen for one in kept if one.split == split)
    own = [cell for cell in found if cell.learning and cell.split == split]
    judged_notes = dict.fromkeys(f"on {_named(one.on)}: {note}" for one in kept if one.split == split for note in one.notes)
    told = (
        "Down: what a net learnt from. Across: the test part it was judged on.",
        "In [ ]: its own test part, as in the tables above.",
        f"Rows whose text a net learnt from were left out, {seen:,} in all cells of this table together. Means over seeds.",
        *told_of(own),
        *(note for note in judged_notes if "rows left out: the bundle learnt" not in note),
    )
    return Table(
        title=f"{'TINY RANDOM NETS, no results: ' if warning(found) else ''}Across datasets: {words}, {IN_WORDS[split]}",
        columns=(Column(name="net"), *(Column(name=f"on {_named(on)}", number=True) for on in columns)),
        rows=tuple(rows),
        notes=(Notes(title="How to read it", lines=told),),
        warning=warning(found),
    )


def _figure(results: Sequence[Result], metric: str, *, own: bool) -> str:
    values = [value for result in results if (value := result.metrics.get(metric)) is not None]
    shown = share(fmean(values)) if values else DASH
    return f"[{shown}]" if own and values else shown


def _named(dataset: str) -> str:
    return {"hateval": "HatEval, English", "hateval-es": "HatEval, Spanish"}.get(dataset, paper.DATASETS.get(dataset, dataset))


def _is_own(name: str, found: Sequence[CellResult]) -> bool:
    return any(cell.dataset == name and cell.learning for cell in found)


def _identity(bundle: Path) -> str:
    return f"sha256:{digest_of(bundle / SUMS)}" if (bundle / SUMS).is_file() else "none"
