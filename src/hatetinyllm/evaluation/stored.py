"""
A judgement on disk: a folder that is whole or not there, with the digests of its files.

    judgement.json    every figure, how the rows were come by, how intervals were drawn
    rows.parquet      one line a judged row: id, truth, score, group of kin, partners and facets; never a text
    SHA256SUMS        the digest of both
"""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.folder import FolderError, check_sums, written_whole
from hatetinyllm.plain import to_json
from hatetinyllm.typed import TypedError, build

FORMAT = 1
FIGURES, ROWS = "judgement.json", "rows.parquet"
WORDS = pa.list_(pa.string())
FIXED = {"id": pa.string(), "truth": pa.int8(), "score": pa.float64(), "cluster": pa.int64(), "partners": WORDS}


def write_judgement(folder: Path, judgement: Judgement) -> None:
    """Write a judgement whole, in the place of what was there."""
    if judgement.rows is None:
        raise ValueError("a judgement without rows cannot be compared, so it is not stored")
    if folder.exists() and not (folder / FIGURES).is_file() and any(folder.iterdir()):
        raise DataError(f"{folder} holds something else than a judgement: name another folder")
    with written_whole(folder) as temporary:
        (temporary / FIGURES).write_text(to_json(figures_of(judgement), indent=2) + "\n", encoding="utf-8", newline="\n")
        pq.write_table(_table(judgement.rows), temporary / ROWS, compression="zstd")


def figures_of(judgement: Judgement) -> dict[str, Any]:
    """All of a judgement but its rows, as it is stored."""
    found = {item.name: getattr(judgement, item.name) for item in fields(judgement) if item.name != "rows"}
    return {"format": FORMAT, **found}


def read_judgement(folder: Path) -> Judgement:
    """A stored judgement; one that is damaged, foreign or too new is refused."""
    if not folder.is_dir():
        beside = [path.name for path in folder.parent.iterdir() if path.is_dir()] if folder.parent.is_dir() else []
        hint = f" ({did_you_mean(folder.name, beside)})" if beside else ""
        raise DataError(f"there is no judgement {str(folder)!r}{hint}")
    if not (folder / FIGURES).is_file():
        raise DataError(
            f"{str(folder)!r} is no judgement: it has no {FIGURES}", ["`hatetinyllm evaluate BUNDLE --out FOLDER` makes one"]
        )
    try:
        check_sums(folder)
        content = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"{FIGURES} holds no figures")
        if content.pop("format", None) != FORMAT:
            raise DataError(f"{folder} was written by another version of hatetinyllm: judge the bundle again")
        return replace(build(Judgement, content, "judgement"), rows=_rows(pq.read_table(folder / ROWS)))
    except FolderError as error:
        raise DataError(f"judgement {error.message}", error.problems) from error
    except (TypedError, ValueError, RecursionError, OSError, pa.ArrowException) as error:
        problems = error.problems if isinstance(error, TypedError) else [str(error)]
        raise DataError(f"the judgement in {folder} cannot be read", problems) from error


def _table(rows: Rows) -> pa.Table:
    partners = rows.partners or ((),) * len(rows)
    own = {"id": rows.ids, "truth": rows.truth, "score": rows.scores, "cluster": rows.clusters, "partners": partners}
    columns = {name: pa.array(own[name], type=kind) for name, kind in FIXED.items()}
    columns |= {f"facet.{name}": pa.array(words, type=WORDS) for name, words in rows.facets.items()}
    return pa.table(columns)


def _rows(table: pa.Table) -> Rows:
    if missing := [name for name in FIXED if name not in table.column_names]:
        raise ValueError(f"{ROWS} has no column {', '.join(missing)}")
    facets = [name for name in table.column_names if name.startswith("facet.")]
    kinds = {**FIXED, **dict.fromkeys(facets, WORDS)}
    columns = {name: table[name].cast(kind) for name, kind in kinds.items()}
    if empty := [name for name, column in columns.items() if column.null_count or _holes(column)]:
        raise ValueError(f"{ROWS} has lines without {', '.join(empty)}")
    truth, scores = columns["truth"].to_numpy().astype(np.int64), columns["score"].to_numpy()
    if not np.isin(truth, (0, 1)).all() or not np.isfinite(scores).all():
        raise ValueError(f"{ROWS} has a truth other than 0 and 1, or a score that is no number")
    return Rows(
        ids=tuple(columns["id"].to_pylist()),
        truth=truth,
        scores=scores,
        clusters=columns["cluster"].to_numpy(),
        facets={name.removeprefix("facet."): _words(columns[name]) for name in facets},
        partners=_words(columns["partners"]),
    )


def _holes(column: pa.ChunkedArray) -> bool:
    return column.type == WORDS and any(chunk.flatten().null_count for chunk in column.chunks)


def _words(column: pa.ChunkedArray) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(words) for words in column.to_pylist())
