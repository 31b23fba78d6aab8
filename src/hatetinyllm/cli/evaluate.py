"""`evaluate`: judge bundles on rows they did not learn from, and other detectors on any."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hatetinyllm.bundle import name_of
from hatetinyllm.cli.output import Json, Settings, err, say_json
from hatetinyllm.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from hatetinyllm.evaluation.judge import Plan
    from hatetinyllm.evaluation.judgement import Judgement
    from hatetinyllm.evaluation.seeds import Spread
    from hatetinyllm.studies.judge import Wanted

FACETS = ("round", "perturbed", "type", "target", "mentions", "function", "language", "length")
SHOWN = ("round", "perturbed", "length")


def evaluate(
    detectors: Annotated[
        list[str],
        typer.Argument(
            metavar="BUNDLE...",
            help="A bundle's folder; of several, as of several seeds, the spread too. With --data also pipeline:ID_OR_FOLDER, "
            "python:module:function, openai:URL, perspective:URL or tei:URL.",
        ),
    ],
    data: Annotated[str | None, typer.Option(help="A dataset; the bundle's own, parted as for training, unless given.")] = None,
    part: Annotated[Literal["train", "dev", "test"], typer.Option(help="The part to judge on.")] = "test",
    mode: Annotated[str, typer.Option(help="Whose threshold decides.")] = "best-guess",
    to: Annotated[Path | None, typer.Option("--out", help="Store the judgement in this folder, for compare and report.")] = None,
    by: Annotated[list[str] | None, typer.Option(help="Also show the figures by this: target, type, length, ... or all.")] = None,
    terms: Annotated[Path | None, typer.Option(help="Your own list of people and the words that name them, in TOML.")] = None,
    swaps: Annotated[int, typer.Option(min=0, help="Texts asked again with other people named; 0 for none.")] = 1000,
    draws: Annotated[int, typer.Option(min=100, help="Draws of the bootstrap that makes the intervals.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of these draws.")] = 42,
    baseline: Annotated[bool, typer.Option("--baseline/--no-baseline", help="TF-IDF on the same rows.")] = True,
    base: Annotated[Path | None, typer.Option(help="Where an adapter's base lies, if it was moved.")] = None,
    positive: Annotated[str | None, typer.Option(help="Which label is hate, of a pipeline, a function or TEI.")] = None,
    category: Annotated[str | None, typer.Option(help="The category or attribute that is asked about, of an API.")] = None,
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds an endpoint's key.")] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """
    Every figure of a bundle with its interval, beside TF-IDF and the answers that read nothing.

    Rows the bundle learnt from are left out and counted. Figures come per round, length, target and more, for contrast
    pairs, and per group of people.
    """
    shown = _facets(by or [])
    _refuse_twins(detectors, to)
    if to is not None and len(detectors) == 1:
        _refuse_place(to)

    from hatetinyllm.cli.judged import show_judgement, show_spread
    from hatetinyllm.evaluation.judge import Plan
    from hatetinyllm.evaluation.stored import figures_of, write_judgement
    from hatetinyllm.evaluation.terms import DEFAULT, read_terms
    from hatetinyllm.studies.judge import Wanted

    groups, source = read_terms(terms or DEFAULT), f"terms of {terms.name}" if terms else "terms, the default list"
    plan = Plan(draws=draws, seed=seed, groups=groups, terms=source, swaps=swaps)
    wanted = Wanted(data=data, part=part, settings=tuple(settings or ()), mode=mode, baseline=baseline)
    of_detector = {"positive": positive, "category": category, "key_env": key_env, "base": base}
    found = []
    for word in detectors:
        judgement = _judge(word, wanted, plan, {name: value for name, value in of_detector.items() if value}, quiet=json)
        found.append(judgement)
        if to is not None:
            write_judgement(to / stored_name(word) if len(detectors) > 1 else to, judgement)
        if not json:
            show_judgement(judgement, shown)
    spread, notes = _spread(found)
    if json:
        said = [figures_of(judgement) for judgement in found]
        say_json({"judgements": said, "spread": spread, "notes": notes} if len(found) > 1 else said[0])
    else:
        if spread:
            show_spread(spread, found[0].result.positive)
        for note in notes:
            err().print(f"note: {note}", markup=False)
    if to is not None and not json:
        err().print(f"\nstored in {to}; next: hatetinyllm report {to}", markup=False)


def _judge(word: str, wanted: "Wanted", plan: "Plan", options: Mapping[str, Any], *, quiet: bool) -> "Judgement":
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.inference.detector import Detector
    from hatetinyllm.inference.detectors.opened import kind_and_place, open_any
    from hatetinyllm.studies.judge import judge_any, judge_bundle

    kind, place = kind_and_place(word)
    with Waiting(err(), quiet=quiet) as say:
        if kind == "bundle" and not options.keys() - {"base"}:
            return judge_bundle(Detector.open(place, base=options.get("base")), wanted, plan, say=say)
        return judge_any(open_any(word, **options), wanted, plan, say=say)


def _facets(by: Sequence[str]) -> tuple[str, ...]:
    """What the figures are shown by; `all` for everything that tells rows apart."""
    problems = [f"there is no {word!r} ({did_you_mean(word, (*FACETS, 'all'))})" for word in by if word not in (*FACETS, "all")]
    if problems:
        raise DataError("--by cannot be read", problems)
    return FACETS if "all" in by else tuple(dict.fromkeys((*SHOWN, *by)))


def _spread(found: Sequence["Judgement"]) -> tuple["Mapping[str, Spread]", tuple[str, ...]]:
    """The spread over seeds; detectors judged on different rows have none, and are told of and kept."""
    from hatetinyllm.evaluation.seeds import spread_of_judgements

    if len(found) < 2:
        return {}, ()
    try:
        return spread_of_judgements(found)
    except DataError as error:
        return {}, (error.message, *error.problems)


def _refuse_twins(detectors: Sequence[str], to: Path | None) -> None:
    if len({str(Path(word).resolve()) for word in detectors}) < len(detectors):
        raise DataError("a bundle is named twice: its spread would say nothing")
    names = [stored_name(word) for word in detectors]
    if to is not None and len(set(names)) < len(names):
        raise DataError("two bundles have the same name, and would be stored in the same place", ["judge them one by one"])


def _refuse_place(to: Path) -> None:
    """Told before anything is judged: what cannot be stored would be lost at the end."""
    if to.exists() and not to.is_dir():
        raise DataError(f"{to} is a file: name a folder to store the judgement in")
    if to.is_dir() and any(to.iterdir()) and not (to / "judgement.json").is_file():
        raise DataError(f"{to} holds something else than a judgement: name another folder")


def stored_name(word: str) -> str:
    """The folder of one detector among several: a bundle's run, or the word with what no folder can be called left out."""
    word = name_of(Path(word)) if Path(word).is_dir() else word
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in word).strip(".") or "judged"
