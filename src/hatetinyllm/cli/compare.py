"""`compare`: two judgements or more on the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hatetinyllm.cli.output import Json, ShowText, err, figure, masked, out, say_json, table
from hatetinyllm.errors import DataError, HateTinyLLMError

if TYPE_CHECKING:
    from hatetinyllm.evaluation.compare import Comparison, Pair
    from hatetinyllm.evaluation.judgement import Judgement
    from hatetinyllm.evaluation.matched import System


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is needed to show rows: the systems' scores, the texts where they are at hand, and how many."""

    systems: Sequence["System"]
    texts: Mapping[str, str]
    rows: int
    show_text: bool


def compare(
    systems: Annotated[
        list[str],
        typer.Argument(metavar="JUDGEMENT...", help="Folders of `evaluate --out`; NAME=A,B,C for several seeds of one."),
    ],
    rows: Annotated[int, typer.Option(min=0, help="Rows shown that only one of two has right.")] = 5,
    curve: Annotated[
        str | None, typer.Option(metavar="FIGURE", help="Show this figure by the rows of train, as macro_f1: a learning curve.")
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="Draws of the bootstrap.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of these draws.")] = 42,
    json: Json = False,
    show_text: ShowText = False,
) -> None:
    """
    Say whether detectors differ by more than chance, and on which rows.

    Paired bootstrap over whole groups of kin, McNemar's test (sign flips of groups where rows have kin), Holm's correction,
    and the rows that only one has right.
    """
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.evaluation.compare import compare as compare_systems

    read = [_system(word) for word in systems]
    if curve is not None:
        _say_curve(read, curve, as_json=json)
        return
    with Waiting(err(), quiet=json) as say:
        say(f"{draws:,} draws for each figure")
        found = compare_systems(read, draws=draws, seed=seed)
    if json:
        say_json(found)
        return
    _show(found, Reading(systems=read, texts=_texts(read) if rows else {}, rows=rows, show_text=show_text))


def _say_curve(systems: Sequence["System"], figure_name: str, *, as_json: bool) -> None:
    from hatetinyllm.cli.curve import show_curve
    from hatetinyllm.studies.learning import curve_of_judgements

    found = curve_of_judgements([one for system in systems for one in system.judgements], figure_name)
    if as_json:
        say_json(found)
    else:
        show_curve(found, systems[0].judgements[0].result.name)


def _system(word: str) -> "System":
    """A folder, or NAME=FOLDER,FOLDER for the seeds of one system."""
    from hatetinyllm.evaluation.matched import System
    from hatetinyllm.evaluation.stored import read_judgement

    name, equals, folders = word.partition("=")
    if not equals or Path(word).is_dir():
        judgement = read_judgement(Path(word))
        return System(name=judgement.name, judgements=(judgement,))
    if not name or not all(folders.split(",")):
        raise DataError(f"{word!r} is not of the form NAME=FOLDER,FOLDER")
    return System(name=name, judgements=tuple(read_judgement(Path(folder)) for folder in folders.split(",")))


def _texts(systems: Sequence["System"]) -> Mapping[str, str]:
    """The texts, where the data is at hand; without them ids are shown."""
    from hatetinyllm.studies.texts import texts_of

    try:
        return texts_of(systems[0].judgements[0])
    except HateTinyLLMError as error:
        err().print(f"note: rows are shown by their ids: {error.message}", markup=False)
        return {}


def _show(found: "Comparison", reading: Reading) -> None:
    console = out()
    told = f"{found.rows:,} rows, positive label {found.positive}; {found.draws:,} draws of whole groups of kin"
    console.print(told + (f"; {found.left_out:,} rows left out that not all judged" if found.left_out else ""), markup=False)
    for pair in found.pairs:
        console.print(f"\n{pair.one} against {pair.other}", style="bold", markup=False)
        console.print(_differences(pair))
        console.print(_mcnemar_in_words(pair), markup=False)
        if reading.rows:
            _show_rows(pair, reading)
    for note in found.notes:
        err().print(f"note: {note}", markup=False)


def _differences(pair: "Pair") -> object:
    lines = []
    for one in pair.differences:
        between = f"[{one.interval.low:+.3f}, {one.interval.high:+.3f}]" if one.interval else "–"
        apart = "–" if one.difference is None else f"{one.difference:+.3f}"
        seeds = "" if one.of_seeds is None else figure(one.of_seeds)
        values = [one.metric, figure(one.one), figure(one.other), apart, between, figure(one.p)]
        lines.append([*values, figure(one.adjusted), seeds])
    columns = ["figure", pair.one, pair.other, "difference", "95 % interval", "p", "p, Holm"]
    columns.append("p of seeds" if any(line[-1] for line in lines) else "")
    return table(columns, lines, right=columns[1:])


def _mcnemar_in_words(pair: "Pair") -> str:
    if pair.mcnemar is None:
        return "McNemar's test asks about single judgements, and a system here has several seeds"
    test = pair.mcnemar
    said = f"only {pair.one} is right on {test.only_a:,} rows, only {pair.other} on {test.only_b:,}"
    of_kin = test.how not in ("exact", "mid-p")
    asked = f"McNemar's question, asked by {test.how} since rows have kin:" if of_kin else f"McNemar ({test.how})"
    return f"{said}; {asked} p {figure(test.p)}, Holm {figure(pair.adjusted)}"


def _show_rows(pair: "Pair", reading: Reading) -> None:
    """The rows only one of two has right, with what they are and what both said."""
    first = {system.name: system.judgements[0] for system in reading.systems}
    scores = [_by_id(first[name]) for name in (pair.one, pair.other)]
    for name, ids in ((pair.one, pair.only_one), (pair.other, pair.only_other)):
        if not ids:
            continue
        lines = [
            [id, scores[0][id][0], *(figure(one[id][1]) for one in scores), _shown(reading, id)] for id in ids[: reading.rows]
        ]
        out().print(f"\nonly {name} is right, {len(lines)} of {len(ids):,}", markup=False)
        columns = ["id", "is", f"score of {pair.one}", f"of {pair.other}", "text" if reading.show_text else "text (masked)"]
        out().print(table(columns, lines, right=columns[2:4]))


def _shown(reading: Reading, id: str) -> str:
    return masked(reading.texts[id], show=reading.show_text) if id in reading.texts else "–"


def _by_id(judgement: "Judgement") -> dict[str, tuple[str, float]]:
    """Each row's label and score."""
    rows, (negative, positive) = judgement.rows, tuple(judgement.result.confusion)
    assert rows is not None
    return {
        id: (positive if truth else negative, score)
        for id, truth, score in zip(rows.ids, rows.truth.tolist(), rows.scores.tolist(), strict=True)
    }
