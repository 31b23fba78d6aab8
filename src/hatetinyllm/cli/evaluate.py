"""`evaluate`: judge bundles on rows they did not learn from."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hatetinyllm.cli.output import Json, Settings, err, say_json
from hatetinyllm.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from hatetinyllm.evaluation.judge import Plan
    from hatetinyllm.evaluation.judgement import Judgement

FACETS = ("round", "perturbed", "type", "target", "mentions", "function", "language", "length")
SHOWN = ("round", "perturbed", "length")


def evaluate(
    bundles: Annotated[list[Path], typer.Argument(help="The bundle to judge; of several, as of several seeds, the spread too.")],
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
    settings: Settings = None,
    json: Json = False,
) -> None:
    """
    Every figure of a bundle with its interval, beside TF-IDF and the answers that read nothing.

    Rows the bundle learnt from are left out and counted. Figures come per round, length, target and more, for contrast
    pairs, and per group of people.
    """
    shown = _facets(by or [])
    _refuse_twins(bundles, to)

    from hatetinyllm.cli.judged import show_judgement, show_spread
    from hatetinyllm.evaluation.judge import Plan
    from hatetinyllm.evaluation.seeds import spread_of
    from hatetinyllm.evaluation.stored import figures_of, write_judgement
    from hatetinyllm.evaluation.terms import DEFAULT, read_terms

    groups, source = read_terms(terms or DEFAULT), f"terms of {terms.name}" if terms else "terms, the default list"
    plan = Plan(draws=draws, seed=seed, groups=groups, terms=source, swaps=swaps)
    found = []
    for bundle in bundles:
        judgement = _judge(bundle, data, part, mode, settings or [], base, plan, baseline=baseline, quiet=json)
        found.append(judgement)
        if to is not None:
            write_judgement(to / judgement.name if len(bundles) > 1 else to, judgement)
        if not json:
            show_judgement(judgement, shown)
    spread = spread_of([one.result for one in found]) if len(found) > 1 else None
    if json:
        said = [figures_of(judgement) for judgement in found]
        say_json({"judgements": said, "spread": spread} if spread else said[0])
    elif spread:
        show_spread(spread, found[0].result.positive)
    if to is not None and not json:
        err().print(f"\nstored in {to}; next: hatetinyllm report {to}", markup=False)


def _judge(
    bundle: Path,
    data: str | None,
    part: str,
    mode: str,
    settings: Sequence[str],
    base: Path | None,
    plan: "Plan",
    *,
    baseline: bool,
    quiet: bool,
) -> "Judgement":
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.inference.detector import Detector
    from hatetinyllm.studies.judge import Wanted, judge_bundle

    wanted = Wanted(data=data, part=part, settings=tuple(settings), mode=mode, baseline=baseline)
    with Waiting(err(), quiet=quiet) as say:
        return judge_bundle(Detector.open(bundle, base=base), wanted, plan, say=say)


def _facets(by: Sequence[str]) -> tuple[str, ...]:
    """What the figures are shown by; `all` for everything that tells rows apart."""
    problems = [f"there is no {word!r} ({did_you_mean(word, (*FACETS, 'all'))})" for word in by if word not in (*FACETS, "all")]
    if problems:
        raise DataError("--by cannot be read", problems)
    return FACETS if "all" in by else tuple(dict.fromkeys((*SHOWN, *by)))


def _refuse_twins(bundles: Sequence[Path], to: Path | None) -> None:
    if len({bundle.resolve() for bundle in bundles}) < len(bundles):
        raise DataError("a bundle is named twice: its spread would say nothing")
    names = [bundle.resolve().parent.name if bundle.name == "bundle" else bundle.name for bundle in bundles]
    if to is not None and len(set(names)) < len(names):
        raise DataError("two bundles have the same name, and would be stored in the same place", ["judge them one by one"])
