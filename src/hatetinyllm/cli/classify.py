"""`classify`: verdicts on texts given as arguments or on standard input."""

import json as json_module
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from hatetinyllm.cli.output import Json, ShowText, figure, masked, out, say_json, table
from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.types import Verdict

CHUNK = 256  # lines judged together; on a terminal each line is answered at once


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A text to judge (or something that is none) and the name the asker gave it."""

    text: object
    id: object = None
    line: int | None = None
    problem: str = ""


def classify(
    texts: Annotated[list[str], typer.Argument(help="Texts, or - for one text or JSON object a line on standard input.")],
    bundle: Annotated[
        str, typer.Option(help="The bundle that judges: a folder, or the one that came with the installation.")
    ] = "builtin",
    mode: Annotated[str, typer.Option(help="Which of the bundle's modes decides; `info` lists them.")] = "best-guess",
    base: Annotated[Path | None, typer.Option(help="Where an adapter's base lies, if it was moved.")] = None,
    engine: Annotated[
        Literal["auto", "onnx", "torch"], typer.Option(help="What computes: auto is onnx for an exported bundle, else torch.")
    ] = "auto",
    json: Json = False,
    show_text: ShowText = False,
) -> None:
    """Say of each text whether it is hate, with the score, the reason, and the mode and threshold that decided."""
    from hatetinyllm.inference.detector import Detector

    if "-" in texts and len(texts) > 1:
        raise HateTinyLLMError("'-' stands for standard input and cannot stand beside other texts")
    detector = Detector.open(bundle, base=base, engine=engine)
    asked = _from_stdin() if texts == ["-"] else (Asked(text=text) for text in texts)
    size = 1 if texts == ["-"] and sys.stdin.isatty() else CHUNK
    for number, chunk in enumerate(_chunks(asked, size)):
        verdicts = detector.classify_all([item.text for item in chunk], mode=mode)
        if json:
            for item, verdict in zip(chunk, verdicts, strict=True):
                say_json(_record(item, verdict))
        else:
            _show(chunk, verdicts, header=number == 0, show_text=show_text)


def _from_stdin() -> Iterator[Asked]:
    """One question a line: a JSON object with "text" (and perhaps "id"), or the line itself. A bad line ends nothing."""
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        line = raw.rstrip(b"\r\n")
        try:
            yield _asked(line.decode("utf-8-sig" if number == 1 else "utf-8"), number)
        except UnicodeDecodeError:
            yield Asked(text=None, line=number, problem=f"line {number} is not UTF-8")


def _asked(line: str, number: int) -> Asked:
    """A line that begins with a brace is JSON, so that a broken object is never judged as if it were a text."""
    if not line.lstrip().startswith("{"):
        return Asked(text=line, line=number)
    try:
        given = json_module.loads(line)
    except (ValueError, RecursionError):
        return Asked(text=None, line=number, problem=f"line {number} begins with a brace and is no JSON object")
    text, id = given.get("text"), given.get("id")
    if not isinstance(id, str | int | float | None):
        return Asked(text=None, line=number, problem=f"line {number} has an id that is neither text nor number")
    if not isinstance(text, str):
        return Asked(text=None, id=id, line=number, problem=f'line {number} has no "text" that is a string')
    return Asked(text=text, id=id, line=number)


def _chunks(asked: Iterable[Asked], size: int) -> Iterator[list[Asked]]:
    source = iter(asked)
    while chunk := list(islice(source, size)):
        yield chunk


def _record(item: Asked, verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON; the text is not repeated, it is the asker's own."""
    named = {"id": item.id, "line": item.line, "problem": item.problem or None}
    return {**{key: value for key, value in named.items() if value is not None}, **asdict(verdict)}


def _show(chunk: Sequence[Asked], verdicts: Sequence[Verdict], *, header: bool, show_text: bool) -> None:
    rows = [
        [verdict.label or "–", figure(verdict.score), verdict.reason, verdict.mode, _decided_by(verdict), _shown(item, show_text)]
        for item, verdict in zip(chunk, verdicts, strict=True)
    ]
    made = table(["label", "score", "reason", "mode", "threshold", "text"], rows, right=["score", "threshold"])
    made.show_header = header
    out().print(made)


def _decided_by(verdict: Verdict) -> str:
    """The threshold, or where a mode abstains from and up to."""
    return figure(verdict.threshold) if verdict.review_from is None else f"{verdict.review_from:.3f}–{verdict.threshold:.3f}"


def _shown(item: Asked, show_text: bool) -> str:
    return item.problem or masked(str(item.text), show=show_text)
