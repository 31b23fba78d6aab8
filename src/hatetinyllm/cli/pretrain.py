"""`hatetinyllm pretrain`: follow a pretraining recipe to a decoder."""

import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import INTERRUPTED, Json, Settings, err, facts, out, say_json
from hatetinyllm.cli.recipe import refuse_other_kind
from hatetinyllm.cli.stop import Stop
from hatetinyllm.errors import RecipeError, TrainingError
from hatetinyllm.processes import has_siblings

if TYPE_CHECKING:
    from hatetinyllm.pretraining.follow import Pretrained

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def pretrain(
    recipe: Annotated[Path | None, typer.Argument(help="A pretraining recipe in TOML.")] = None,
    run: Annotated[Path | None, typer.Option("--out", help="The run's folder; runs/RECIPE unless given.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder, by its own recipe.")] = None,
    budget: Annotated[
        str | None, typer.Option(help="Time to learn in, as 90m or 2h: the learning rate falls so that it ends well.")
    ] = None,
    settings: Settings = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew in a folder that holds a run.")] = False,
    json: Json = False,
) -> None:
    """Learn a language from text alone: from random weights, or onwards from any decoder."""
    path = _file(recipe, resume, {"--out": run, "--set": settings, "--overwrite": overwrite, "--budget": budget})
    run = resume or run or Path("runs") / path.stem
    given = _read(path, [*(settings or []), *_within(budget)], resume)

    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.cli.progress import Watch
    from hatetinyllm.pretraining.follow import pretrain as follow_recipe
    from hatetinyllm.training.follow import Stage
    from hatetinyllm.training.loop import Step

    with Watch(err(), quiet=json) as watch, shown_downloads(quiet=json), Stop() as stop:

        def on_event(event: Stage | Step) -> None:
            watch(event)
            stop.step_done(training=isinstance(event, Step))

        try:
            outcome = follow_recipe(given, run, resume=resume is not None, overwrite=overwrite, on_event=on_event)
        except KeyboardInterrupt:
            behind = ", behind the same launcher" if has_siblings() else ""
            err().print(f"stopped; go on by: hatetinyllm pretrain --resume {quote(str(run))}{behind}", markup=False)
            raise typer.Exit(INTERRUPTED) from None
    _say(outcome, run, as_json=json)


def seconds_of(budget: str) -> int:
    """`90m`, `2h` or `1h30m` in seconds."""
    found = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", budget.strip().lower())
    total = sum(int(part) * UNITS_S[unit] for part, unit in zip(found.groups(), "dhms", strict=True) if part) if found else 0
    if not total:
        raise RecipeError(f"--budget {budget!r} is no time", ["expected a number and a unit: 45s, 90m, 2h, 1h30m, 1d"])
    return total


def _within(budget: str | None) -> list[str]:
    return [f"pretrain.budget_s={seconds_of(budget)}", "pretrain.steps=0"] if budget else []


def _file(recipe: Path | None, resume: Path | None, changes: dict[str, object]) -> Path:
    """The file with the recipe; what makes no sense together is refused."""
    if resume is None and recipe is not None:
        return recipe
    if resume is None or recipe is not None:
        raise RecipeError("name one of the two: a recipe to follow, or --resume RUN to go on with")
    if told := [option for option, value in changes.items() if value]:
        raise RecipeError("a run goes on as it began", [f"--resume takes no {', '.join(told)}"])
    if not (resume / "recipe.toml").is_file():
        raise TrainingError(f"{str(resume)!r} holds no run to go on with", ["name the run's folder, with its recipe.toml"])
    return resume / "recipe.toml"


def _read(path: Path, settings: list[str], resume: Path | None) -> dict[str, Any]:
    from hatetinyllm.config.recipe import read_recipe, with_settings
    from hatetinyllm.pretraining.sections import sections

    given = read_recipe(path)
    refuse_other_kind(given, command="pretrain", typed=f"--resume {quote(str(resume))}" if resume else quote(str(path)))
    return with_settings(given, settings, sections())


def _say(outcome: "Pretrained", run: Path, *, as_json: bool) -> None:
    from hatetinyllm.cli.training_curve import show_training_curve
    from hatetinyllm.processes import is_first_process
    from hatetinyllm.reporting.training_curve import draw_curve
    from hatetinyllm.training.run import Run

    place = Run(folder=run)
    points = draw_curve(place.steps, place.curve) if is_first_process() else ()
    if as_json:
        say_json({"run": run, "curve": place.curve, **vars(outcome)})
        return
    show_training_curve(points)
    bits = (
        "no text was set aside"
        if outcome.bits_per_byte is None
        else f"{outcome.bits_per_byte:.3f} bits a byte of the text set aside"
    )
    model = str(outcome.model)
    out().print(
        facts(
            {
                "learnt from": f"{outcome.tokens:,} tokens in {outcome.steps:,} steps",
                "held out": bits,
                "model": model,
                "next": f'a recipe for `train` with [model] name = "hub", id = "{model}"',
            }
        )
    )
