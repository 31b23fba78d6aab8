"""
The user's own table: CSV, TSV, JSON lines or Parquet, in one file or in a file for each part.

No row is dropped silently: what cannot be used is set aside with its line and a reason (never its text) and counted in
the notes; where too many rows are bad, the file is refused with the counts and a hint. The licence is the user's own.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from hatetinyllm.data.formats import DELIMITER_WORDS, KINDS, Record, Sheet, ending_of, read_sheet
from hatetinyllm.errors import TableError, did_you_mean
from hatetinyllm.folder import digest_of
from hatetinyllm.types import PARTS, Example, Rejected, Share, Splits

CELL_LIMIT_CHARACTERS = 1_000_000
ALLOW = "to leave out so many on purpose, raise data.max_bad_share"
SHOWN_CHARACTERS = 30  # a longer word may be somebody's text, and is told by its length only
SHOWN = 8
COLUMNS_HINT = "name yours by data.text and data.label (--set data.text=comment on a command line); is the header line missing?"
HALF_CHARACTER = re.compile("[\ud800-\udfff]")
HINTS = {
    "wrong bytes": 'the file is in another encoding: try encoding="cp1252"',
    "wrong number of cells": 'is the delimiter right? try delimiter=";", or quoted=false where quotes are plain characters',
    "open quote": "where quotes are plain characters of the text, try quoted=false",
    "in a broken row": "where quotes are plain characters of the text, try quoted=false",
    "broken quotes": "where quotes are plain characters of the text, try quoted=false",
    "unknown label": "say which words mean what by `hate` and `not_hate`",
    "broken JSON": "one JSON object is expected on each line",
    "no JSON object": "one JSON object is expected on each line",
}


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """Which column holds what, and which word of the label column means which label."""

    text: str
    label: str
    id: str
    group: str
    words: Mapping[str, str]
    language: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(name for name in (self.text, self.label, self.id, self.group) if name)


def load(
    *,
    path: str = "",  # the file with all rows; splitting it comes later
    train: str = "",  # the file of the train part
    dev: str = "",  # the file of the dev part
    test: str = "",  # the file of the test part
    text: str = "text",  # the column of the texts
    label: str = "label",  # the column of the labels
    id: str = "",  # the column of the ids; file name and line stand in for it
    group: str = "",  # the column of the groups: rows of one group are never parted
    hate: tuple[str, ...] = ("hate", "1"),  # the words of the label column that mean hate
    not_hate: tuple[str, ...] = ("not_hate", "nothate", "nohate", "0"),  # the words that mean not hate
    encoding: str = "utf-8",  # of the text formats; a byte order mark is believed before it
    delimiter: str | None = None,  # between cells; by the file's ending where it is left out
    quoted: bool = True,  # a cell may stand in double quotes
    language: str = "en",  # of all the texts
    max_bad_share: Share = 0.1,  # refuse a file with more bad rows than this
) -> Splits:
    """The rows of the user's files; bad rows are set aside and named."""
    files = {part: Path(name).expanduser() for part, name in zip(PARTS, (train or path, dev, test), strict=True) if name}
    problems = [
        *_wrong_options(hate, not_hate, encoding, delimiter, max_bad_share),
        *_wrong_parts(path, train, dev, test),
        *(problem for file in dict.fromkeys(files.values()) if (problem := _wrong_file(file))),
    ]
    if problems:
        raise TableError("the table cannot be read as asked", problems)
    words = {_folded(word): "hate" for word in hate} | {_folded(word): "not_hate" for word in not_hate}
    mapped = Mapped(text=text, label=label, id=id, group=group, words=words, language=language)
    sheets = _read_sheets(files, mapped, encoding, delimiter, quoted)
    return _splits(sheets, files, mapped, max_bad_share)


def _wrong_options(hate: Sequence[str], not_hate: Sequence[str], encoding: str, delimiter: str | None, share: float) -> list[str]:
    problems = [f"{name} names no word" for name, words in (("hate", hate), ("not_hate", not_hate)) if not words]
    twice = sorted({_folded(word) for word in hate} & {_folded(word) for word in not_hate})
    problems += [f"{word!r} cannot mean both hate and not_hate" for word in twice]
    if delimiter is not None and (len(DELIMITER_WORDS.get(delimiter, delimiter)) != 1 or delimiter in '"\r\n'):
        problems.append(f"delimiter is one character, as in ',' or ';' or 'tab', got {delimiter!r}")
    if not 0 <= share <= 1:
        problems.append(f"max_bad_share is a share from 0 to 1, got {share}")
    try:
        codecs.lookup(encoding)
        b" ".decode(encoding, errors="replace")  # an encoding, but not of text: "base64"
    except (LookupError, ValueError):
        known = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1")
        problems.append(f"there is no text encoding {encoding!r} ({did_you_mean(encoding, known)})")
    return problems


def _wrong_parts(path: str, train: str, dev: str, test: str) -> list[str]:
    named = {"path": path, "train": train, "dev": dev, "test": test}
    if not any(named.values()):
        return ["no file is named: give `path`, or `train`, `dev` and `test`"]
    if path and (others := [part for part in PARTS if named[part]]):
        return [f"`path` is the file with all rows, and cannot stand beside {' and '.join(others)}"]
    places = {part: Path(name).expanduser().resolve() for part, name in named.items() if name}
    pairs = [(one, other) for one in places for other in places if one < other and places[one] == places[other]]
    return [f"{one} and {other} are the same file, {named[one]}" for one, other in pairs]


def _wrong_file(path: Path) -> str:
    """Why a path cannot be a table, or nothing."""
    if path.is_dir():
        return f"{path} is a folder: name a file in it"
    if not path.parent.is_dir():
        return f"{path} is not there: there is no folder {path.parent}"
    if not path.is_file():
        close = get_close_matches(path.name, sorted(other.name for other in path.parent.iterdir()), n=1)
        return f"{path} is not there" + (f" (did you mean {close[0]!r}?)" if close else "")
    if ending_of(path) not in KINDS:
        return f"{path}: the ending {ending_of(path)!r} is unknown (known: {', '.join(KINDS)}; .gz after all but the last)"
    return ""


def _read_sheets(
    files: Mapping[str, Path], mapped: Mapped, encoding: str, delimiter: str | None, quoted: bool
) -> dict[str, Sheet]:
    """The records of each part; what is wrong with any of the files is told together."""
    sheets: dict[str, Sheet] = {}
    errors = []
    for part, path in files.items():
        try:
            sheets[part] = read_sheet(path, mapped.columns, encoding=encoding, delimiter=delimiter, quoted=quoted)
            _check_columns(path, sheets[part], mapped)
        except TableError as error:
            errors.append(error)
    _raise_together(errors)
    return sheets


def _check_columns(path: Path, sheet: Sheet, mapped: Mapped) -> None:
    if not sheet.records:
        raise TableError(f"{path} has a header line but no rows")
    if not sheet.columns:
        return  # not one JSON object: the bad rows say it better
    problems = []
    for option, name in (("text", mapped.text), ("label", mapped.label), ("id", mapped.id), ("group", mapped.group)):
        if sheet.columns.count(name) > 1:
            problems.append(f"there are {sheet.columns.count(name)} columns {name!r}")
        elif name not in sheet.columns and (name or option in ("text", "label")):
            problems.append(f"there is no column {name!r} for `{option}`{_nearest(name, sheet.columns)}")
    if problems:
        there = ", ".join(_shown(name) for name in sheet.columns)
        raise TableError(f"{path}: the columns do not fit", [*problems, f"columns: {there}", COLUMNS_HINT])


def _splits(sheets: Mapping[str, Sheet], files: Mapping[str, Path], mapped: Mapped, max_bad_share: float) -> Splits:
    seen: dict[str, str] = {}
    parts: dict[str, tuple[Example, ...]] = {}
    rejected: list[Rejected] = []
    notes: list[str] = []
    errors = []
    for part, sheet in sheets.items():
        name = str(files[part])
        stem = "row" if len(files) == 1 else part  # not the file's name: a renamed file must be parted as before
        rows = [_row(record, mapped, name, stem, seen) for record in sheet.records]
        parts[part] = tuple(row for row in rows if isinstance(row, Example))
        bad = [row for row in rows if isinstance(row, Rejected)]
        summary = [f"{name}: {len(bad):,} of {len(rows):,} rows are bad and set aside", *_counts(bad)] if bad else []
        if len(bad) > max_bad_share * len(rows) or not parts[part]:
            errors.append(TableError(f"{summary[0]}, more than {max_bad_share:.0%}", [*summary[1:], *_hints(bad, sheet), ALLOW]))
        rejected += bad
        notes += [*sheet.notes, *(_for_strangers(line, files[part]) for line in summary)]
    _raise_together(errors)
    digests = {f"{part}: {path.name}": digest_of(path) for part, path in files.items()}
    return Splits(
        name="table",
        train=parts.get("train", ()),
        dev=parts.get("dev", ()),
        test=parts.get("test", ()),
        rejected=tuple(rejected),
        notes=tuple(notes),
        files=digests,
        licences=("own",),
    )


def _row(record: Record, mapped: Mapped, file: str, stem: str, seen: dict[str, str]) -> Example | Rejected:
    """The example of a record, or the reason to set it aside."""
    cells = record.cells or {}
    text, word = cells.get(mapped.text), _word(cells.get(mapped.label))
    id = _word(cells.get(mapped.id)) if mapped.id else f"{stem}:{record.line}"
    if reason := record.reason or _wrong_text(text) or _wrong_cells(cells.values()) or _wrong_label(word, mapped.words):
        return Rejected(line=record.line, reason=reason, file=file)
    if not id or id in seen:
        return Rejected(line=record.line, reason=f"duplicate id: as in {seen[id]}" if id else "no id", file=file)
    seen[id] = f"{file}, line {record.line}"
    assert isinstance(text, str)
    return Example(
        text=text,
        id=id,
        labels={"hate": (mapped.words[_folded(word)],)},
        language=mapped.language,
        group=_word(cells.get(mapped.group)) or None,
        line=record.line,
    )


def _wrong_cells(cells: Iterable[object]) -> str:
    for cell in cells:
        if isinstance(cell, list | dict):
            return f"no single value: {type(cell).__name__}"
        if isinstance(cell, str) and len(cell) > CELL_LIMIT_CHARACTERS:
            return f"too long: {len(cell):,} characters, at most {CELL_LIMIT_CHARACTERS:,}"
        if isinstance(cell, str) and "\0" in cell:
            return f"NUL character: at character {cell.index(chr(0)) + 1}"
        if isinstance(cell, str) and (half := HALF_CHARACTER.search(cell)):
            return f"half a character: U+{ord(half.group()):04X} stands alone"
    return ""


def _wrong_text(text: object) -> str:
    if text is not None and not isinstance(text, str):
        return f"text is no string: {type(text).__name__}"
    return "" if text and text.strip() else "no text"


def _wrong_label(word: str, words: Mapping[str, str]) -> str:
    if not word:
        return "no label"
    return "" if _folded(word) in words else f"unknown label: {_shown(word)}"


def _word(value: object) -> str:
    """A label, id or group as a string: numbers as people write them, true as 1, and nothing for nothing."""
    if value is None or value != value:  # what is not itself is NaN, a missing number
        return ""
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    return str(value).strip()


def _counts(bad: Sequence[Rejected]) -> list[str]:
    """One line for each kind of reason: how many rows, the first of their lines, and the labels nobody explained."""
    told = []
    for kind, rows in Counter(_kind(row) for row in bad).most_common():
        lines = [str(row.line) for row in bad if _kind(row) == kind]
        line = (
            f"{kind}: {rows:,} ({'line' if rows == 1 else 'lines'} {', '.join(lines[:SHOWN])}{', ...' if rows > SHOWN else ''})"
        )
        if kind == "unknown label":
            values = Counter(row.reason.partition(": ")[2] for row in bad if _kind(row) == kind).most_common()
            line += ": " + ", ".join(f"{value} ({count:,})" for value, count in values[:SHOWN])
            line += f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
        told.append(line)
    return told


def _for_strangers(line: str, path: Path) -> str:
    """A line of a summary as bundles keep it: no folder of this machine, no word of the file, which may be a text."""
    said = line.partition("): ")[0] + ")" if line.startswith("unknown label: ") else line
    return said.replace(str(path), path.name)


def _hints(bad: Sequence[Rejected], sheet: Sheet) -> list[str]:
    """What may help, for the kinds of reason that make up at least half of the bad rows."""
    kinds = [kind for kind, rows in Counter(_kind(row) for row in bad).items() if 2 * rows >= len(bad)]
    if "wrong bytes" in kinds and sheet.encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return [f'the file is not in {sheet.encoding}: try encoding="utf-8"']
    return list(dict.fromkeys(HINTS[kind] for kind in kinds if kind in HINTS))


def _kind(row: Rejected) -> str:
    return row.reason.partition(":")[0]


def _raise_together(errors: Sequence[TableError]) -> None:
    if len(errors) == 1:
        raise errors[0]
    if errors:
        problems = [line for error in errors for line in (error.message, *(f"  {problem}" for problem in error.problems))]
        raise TableError(f"{len(errors)} files cannot be used", problems)


def _nearest(name: str, columns: Sequence[str]) -> str:
    """A hint at the nearest column, whatever its case; the columns are listed anyway."""
    folded = {column.casefold(): column for column in columns}
    close = get_close_matches(name.casefold(), folded, n=1)
    return f" (did you mean {_shown(folded[close[0]])}?)" if close else ""


def _shown(word: str) -> str:
    return repr(word) if len(word) <= SHOWN_CHARACTERS else f"a value of {len(word):,} characters"


def _folded(word: str) -> str:
    return word.strip().casefold()
