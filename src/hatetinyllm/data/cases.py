"""
A suite of the user's own, written by hand: TOML by functions, or a table (CSV, TSV, JSON lines) with a case a row.

Every mistake is told at once, with its line or its place. A case without an id is named by its function and the digest of
its text, so that others keep their names when one is put between them.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hatetinyllm.data.formats import ending_of, read_sheet, stem_of
from hatetinyllm.data.suite import LABELS, Function, Suite, digest_of_text, with_partners_both_ways
from hatetinyllm.errors import TableError, did_you_mean
from hatetinyllm.labels import meant
from hatetinyllm.types import Example

ENDINGS = (".toml", ".csv", ".tsv", ".jsonl", ".ndjson")
NEEDED = ("text", "label", "function")
COLUMNS = (*NEEDED, "group", "id", "partner")
OF_SUITE = ("name", "bar", "language", "function")
OF_FUNCTION = ("name", "description", "bar", "label", "cases")
OF_CASE = ("text", "label", "group", "id", "partner")
SHOWN_CHARACTERS = 30  # a longer word may be a text that stands in the wrong place
SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A case as it was written, and where."""

    where: str
    content: Mapping[str, Any]
    function: str
    label: Any = None  # of its function


def is_file_of_cases(word: str) -> bool:
    """Whether a word names a file of cases rather than a suite."""
    return ending_of(Path(word)) in ENDINGS or "/" in word or "\\" in word


def read_cases(path: Path) -> Suite:
    """The suite in a file, or everything that is wrong with it."""
    if path.is_dir():
        raise TableError(f"{str(path)!r} is a folder: name a file of cases in it")
    if not path.is_file():
        beside = [other.name for other in path.parent.iterdir() if other.is_file()] if path.parent.is_dir() else []
        raise TableError(
            f"there is no file of cases {str(path)!r} ({did_you_mean(path.name, beside)})",
            [f"hatetinyllm check --init {path.name} writes one to begin with"],
        )
    if ending_of(path) not in ENDINGS:
        raise TableError(f"{path}: cases stand in a file that ends in {', '.join(ENDINGS)}")
    problems: list[str] = []
    suite = _from_toml(path, problems) if ending_of(path) == ".toml" else _from_table(path, problems)
    if suite is None or problems:
        more = [f"and {len(problems) - SHOWN:,} more"] if len(problems) > SHOWN else []
        raise TableError(f"{path}: the cases cannot be read", [*problems[:SHOWN], *more])
    return suite


def _from_toml(path: Path, problems: list[str]) -> Suite | None:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"it is no TOML: {error}")
        return None
    problems += _unknown(content, OF_SUITE, "the file")
    name, language = content.get("name", stem_of(path)), content.get("language", "en")
    problems += [f"{key} is a text" for key, value in (("name", name), ("language", language)) if not isinstance(value, str)]
    listed = content.get("function", [])
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        problems.append("there is no function: each begins with [[function]]")
        return None
    bar = _bar(content, "the file", problems)
    functions, drafts = [], []
    for number, one in enumerate(listed, start=1):
        function, own = _function(one, number, bar, problems)
        functions.append(function)
        drafts += own
    problems += [f"two functions are named {name!r}" for name in _twice([one.name for one in functions])]
    return _suite(str(name), functions, drafts, str(language), problems)


def _function(content: Mapping[str, Any], number: int, bar: float | None, problems: list[str]) -> tuple[Function, list[_Draft]]:
    name = content.get("name")
    where = f"function {number}" + (f" ({_shown(name)})" if name else "")
    problems += _unknown(content, OF_FUNCTION, where)
    if not isinstance(name, str) or not name.strip():
        problems.append(f"{where}: it has no name")
    description = content.get("description", "")
    if not isinstance(description, str):
        problems.append(f"{where}: description is a text, got {_shown(description)}")
    cases = content.get("cases", [])
    if not isinstance(cases, list) or not cases:
        problems.append(f"{where}: it has no cases")
        cases = []
    own = _bar(content, where, problems)
    named = str(name or f"function {number}").strip()
    drafts = [
        _Draft(
            where=f"{where}, case {place}",
            content={"text": case} if isinstance(case, str) else case if isinstance(case, dict) else {"text": None},
            function=named,
            label=content.get("label"),
        )
        for place, case in enumerate(cases, start=1)
    ]
    for draft in drafts:
        problems += _unknown(draft.content, OF_CASE, draft.where)
    return Function(name=named, description=str(description), bar=bar if own is None else own), drafts


def _from_table(path: Path, problems: list[str]) -> Suite | None:
    sheet = read_sheet(path, COLUMNS, encoding="utf-8", delimiter=None, quoted=True)
    problems += [f"line {record.line}: {record.reason}" for record in sheet.records if record.reason]
    missing = [name for name in NEEDED if name not in sheet.columns]
    problems += [f"there is no column {name!r} ({did_you_mean(name, map(_bare, sheet.columns))})" for name in missing]
    if missing or not sheet.records:
        problems += [] if missing else ["it has no cases"]
        return None
    drafts = [
        _Draft(where=f"line {record.line}", content=record.cells, function=str(record.cells.get("function") or "").strip())
        for record in sheet.records
        if record.cells is not None and not record.reason
    ]
    problems += [f"{draft.where}: no function" for draft in drafts if not draft.function]
    names = dict.fromkeys(draft.function for draft in drafts)
    return _suite(stem_of(path), [Function(name=name) for name in names], drafts, "en", problems)


def _suite(
    name: str, functions: Sequence[Function], drafts: Sequence[_Draft], language: str, problems: list[str]
) -> Suite | None:
    """The suite, once all of its cases are right on their own and together."""
    cases = [_case(draft, language, problems) for draft in drafts]
    problems += _wrong_together(drafts, cases)
    return None if problems else Suite(name=name, cases=with_partners_both_ways(cases), functions=tuple(functions))


def _case(draft: _Draft, language: str, problems: list[str]) -> Example:
    text, label = draft.content.get("text"), draft.content.get("label") or draft.label
    if not isinstance(text, str) or not text.strip():
        problems.append(f"{draft.where}: no text")
        text = ""
    meaning = _meaning(label)
    if meaning is None:
        seen = "no label" if label in (None, "") else f"label {_shown(label)} is unknown"
        problems.append(f"{draft.where}: {seen} (known: {', '.join(LABELS)})")
    id = draft.content.get("id")
    return Example(
        text=text,
        id=str(id).strip() if id not in (None, "") else f"{_slug(draft.function)}-{digest_of_text(text)}",
        labels={"hate": (meaning or LABELS[0],)},
        language=language,
        slice=draft.function,
        mentions=_words(draft.content.get("group"), f"{draft.where}: group", problems),
        partners=_words(draft.content.get("partner"), f"{draft.where}: partner", problems),
    )


def _wrong_together(drafts: Sequence[_Draft], cases: Sequence[Example]) -> Iterator[str]:
    """Ids and texts that stand twice, and partners that are not there."""
    ids: dict[str, str] = {}
    texts: dict[str, str] = {}
    for draft, case in zip(drafts, cases, strict=True):
        if case.text and case.text in texts:
            yield f"{draft.where}: the same text stands at {texts[case.text]}"
        elif case.id in ids and case.text:
            yield f"{draft.where}: id {_shown(case.id)} is taken by {ids[case.id]}"
        ids.setdefault(case.id, draft.where)
        texts.setdefault(case.text, draft.where)
    for draft, case in zip(drafts, cases, strict=True):
        for partner in case.partners:
            if partner == case.id:
                yield f"{draft.where}: it is its own partner"
            elif partner not in ids:
                near = get_close_matches(partner, ids, n=1)
                hint = f" (did you mean {_shown(near[0])}?)" if near else ""
                yield f"{draft.where}: there is no case {_shown(partner)} to be its partner{hint}"


def _meaning(label: object) -> str | None:
    """Our label for the word somebody wrote."""
    return meant("hate", label.strip()) if isinstance(label, str) and label.strip() else None


def _bar(content: Mapping[str, Any], where: str, problems: list[str]) -> float | None:
    bar = content.get("bar")
    if bar is None:
        return None
    if isinstance(bar, bool) or not isinstance(bar, int | float) or not 0 <= bar <= 1:
        problems.append(f"{where}: bar is the share of cases that must pass, from 0 to 1, got {_shown(bar)}")
        return None
    return float(bar)


def _unknown(content: Mapping[str, Any], known: Sequence[str], where: str) -> list[str]:
    return [f"{where}: unknown key {_shown(key)} ({did_you_mean(key, known)})" for key in content if key not in known]


def _words(value: object, where: str, problems: list[str]) -> tuple[str, ...]:
    """One word or a list of them; none where nothing is written."""
    listed = value if isinstance(value, list) else [] if value in (None, "") else [value]
    if wrong := [one for one in listed if isinstance(one, bool) or not isinstance(one, str | int) or not str(one).strip()]:
        problems.append(f"{where} is a word or a list of words, got {_shown(wrong[0])}")
        return ()
    return tuple(dict.fromkeys(str(one).strip() for one in listed))


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.casefold()).strip("-") or "case"


def _bare(word: str) -> str:
    return word if len(word) <= SHOWN_CHARACTERS else word[:SHOWN_CHARACTERS]


def _shown(value: object) -> str:
    said = repr(value)
    return said if len(said) <= SHOWN_CHARACTERS + 2 else f"something of {len(said):,} characters"
