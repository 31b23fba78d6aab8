"""`hateval`: the official test, the relabelled one, what keeps them apart, and who gets what on both."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hatetinyllm.cli.output import Json, ShowText, err, figure, masked, out, say_json, table

if TYPE_CHECKING:
    from hatetinyllm.evaluation.conflict import Conflict
    from hatetinyllm.studies.hateval import Compared, Kit, Line
    from hatetinyllm.types import Result

FIGURES = ("accuracy", "macro_f1", "auroc")


def hateval(
    bundles: Annotated[list[Path] | None, typer.Argument(help="Bundles to judge on both tests, beside TF-IDF.")] = None,
    language: Annotated[Literal["en", "es"], typer.Option(help="The tweets' language; only English was labelled again.")] = "en",
    words: Annotated[bool, typer.Option("--words", help="Compare all words, not hashtags alone.")] = False,
    needed: Annotated[int, typer.Option(min=1, help="Rows of each part before a word is compared.")] = 20,
    most: Annotated[int, typer.Option(min=0, help="Conflicting words shown of each pair of parts.")] = 15,
    draws: Annotated[int, typer.Option(min=100, help="Draws of the bootstrap that makes the intervals.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of these draws.")] = 42,
    base: Annotated[Path | None, typer.Option(help="Where an adapter's base lies, if it was moved.")] = None,
    json: Json = False,
    show_text: ShowText = False,
) -> None:
    """
    HatEval's two label policies: both tests, the ceiling one sets the other, the words they disagree on, and who gets what.

    The official test is given on request; while it is not here, dev stands in its place.
    """
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.evaluation.conflict import hashtags
    from hatetinyllm.evaluation.conflict import words as every_word
    from hatetinyllm.inference.detector import Detector
    from hatetinyllm.studies.hateval import Asked
    from hatetinyllm.studies.hateval import hateval as make

    marks = every_word if words else hashtags
    asked = Asked(language=language, marks=marks, needed=needed, draws=draws, seed=seed)
    with Waiting(err(), quiet=json) as say:
        kit = make(asked, [Detector.open(bundle, base=base) for bundle in bundles or []], say=say)
    if json:
        say_json(kit if show_text else _masked(kit))
    else:
        _show(kit, most, show_text=show_text)


def _masked(kit: "Kit") -> "Kit":
    """The same kit with its words masked: hashtags can be slurs."""

    def hidden(word: "Conflict") -> "Conflict":
        return replace(word, word=masked(word.word, show=False))

    compared = [
        replace(one, found=replace(one.found, words=tuple(hidden(word) for word in one.found.words))) for one in kit.compared
    ]
    return replace(kit, compared=tuple(compared))


def _show(kit: "Kit", most: int, *, show_text: bool) -> None:
    console = out()
    console.print("HatEval, positive label hate\n", style="bold")
    parts = [[name, f"{one.rows:,}", f"{one.positive:,}", figure(one.share)] for name, one in kit.parts.items()]
    console.print(table(["part", "rows", "are hate", "share"], parts, right=["rows", "are hate", "share"]))
    for missing in kit.missing:
        console.print(f"missing: {missing}", markup=False, style="yellow")
    if kit.ceiling is not None:
        _show_ceiling(kit.ceiling, kit.changed or 0)
    for one in kit.compared:
        _show_words(one, most, show_text=show_text)
    for on in dict.fromkeys(line.on for line in kit.lines):
        _show_lines(on, [line for line in kit.lines if line.on == on], kit.draws)
    for note in kit.notes:
        err().print(f"note: {note}", markup=False)


def _show_ceiling(ceiling: "Result", changed: int) -> None:
    found = ", ".join(f"{name} {figure(ceiling.metrics[name])}" for name in ("accuracy", "macro_f1"))
    out().print("\nthe ceiling", style="bold")
    told = f"the relabelling changed {changed:,} of {ceiling.rows:,} rows: who is perfect by it gets {found} on the official test"
    out().print(told, markup=False)


def _show_words(compared: "Compared", most: int, *, show_text: bool) -> None:
    found, clear = compared.found, compared.found.clear
    out().print(f"\ntrain against {compared.other}: words that are labelled another way", style="bold", markup=False)
    told = f"{len(clear)} of {len(found.words)} words that stand often enough in both (p below .05 by Fisher, corrected by Holm)"
    out().print(f"{told}; {found.rows:,} of {found.other.rows:,} rows of {compared.other} say one", markup=False)
    if not clear or not most:
        return
    lines = [
        [
            *(f"{count.positive:,} of {count.rows:,} = {figure(count.share)}" for count in (word.one, word.other)),
            f"{word.difference:+.3f} [{word.interval.low:+.3f}, {word.interval.high:+.3f}]",
            f"{word.adjusted:.1g}",
            masked(word.word, show=show_text),
        ]
        for word in clear[:most]
    ]
    columns = ["hate in train", f"in {compared.other}", "difference", "p, Holm", "word" if show_text else "word (masked)"]
    out().print(table(columns, lines, right=columns[:-1]))


def _show_lines(on: str, lines: "list[Line]", draws: int) -> None:
    from hatetinyllm.cli.judged import with_interval

    out().print(f"\non {on}, with 95 % intervals ({draws:,} draws of groups of kin)", style="bold", markup=False)
    rows = []
    for line in lines:
        own = [with_interval(line.result.metrics[name], line.result.intervals.get(name)) for name in FIGURES]
        frozen = line.frozen
        told = (
            f"{with_interval(frozen.metrics['macro_f1'], frozen.intervals.get('macro_f1'))} at {frozen.threshold:.3f}"
            if frozen
            else "–"
        )
        rows.append([line.name, f"{line.result.rows:,}", *own, told, figure(line.oracle)])
    columns = ["", "rows", "accuracy", "macro-F1", "AUROC", "macro-F1, threshold of dev", "macro-F1, oracle"]
    out().print(table(columns, rows, right=columns[1:]))
