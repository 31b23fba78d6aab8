"""`train`: follow a recipe, with progress."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import INTERRUPTED, Json, Settings, err, say_json
from hatetinyllm.cli.recipe import check_early, refuse_other_kind
from hatetinyllm.cli.stop import Stop
from hatetinyllm.config.preset import PRESETS, wrong_preset
from hatetinyllm.errors import RecipeError, TrainingError
from hatetinyllm.processes import has_siblings

if TYPE_CHECKING:
    from hatetinyllm.training.follow import Outcome


def train(
    recipe: Annotated[Path | None, typer.Argument(help="A recipe in TOML; `init` writes one.")] = None,
    run: Annotated[Path | None, typer.Option("--out", help="The run's folder; runs/RECIPE unless given.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder, by its own recipe.")] = None,
    settings: Settings = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="Judge a TF-IDF model on the same rows too.")] = False,
    dev_only: Annotated[
        bool,
        typer.Option("--dev-only", help="Judge the dev part and leave the test part unlooked at; --resume without it judges it."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew in a folder that holds a run.")] = False,
    preset: Annotated[str | None, typer.Option(help=f"Values under the recipe's own: {', '.join(PRESETS)}.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=2, help="Train so many seeds on rows read once, from the recipe's own up.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would learn, the memory and the time; train nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Follow a recipe: read, tune, train, judge, and save a bundle."""
    changes = {"--out": run, "--set": settings, "--overwrite": overwrite, "--preset": preset}
    path = _file(recipe, resume, {**changes, "--seeds": seeds, "--dry-run": dry_run})
    run = resume or run or Path("runs") / path.stem
    given = _read(path, settings or [], preset, resume)
    _check(given, to_read=not dry_run)

    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.cli.plan import say_plan
    from hatetinyllm.cli.progress import Watch
    from hatetinyllm.cli.seeds import say_seeds
    from hatetinyllm.training.follow import Outcome, Stage
    from hatetinyllm.training.follow import train as follow_recipe
    from hatetinyllm.training.loop import Step
    from hatetinyllm.training.seeds import SeedsOutcome, is_of_seeds, train_seeds

    if dry_run:
        say_plan(given, as_json=json)
        if seeds:
            err().print(f"this is one seed: {seeds} train {seeds} times as long, and take no more memory")
        return
    several = bool(seeds) or (resume is not None and is_of_seeds(resume))
    with Watch(err(), quiet=json) as watch, shown_downloads(quiet=json), Stop() as stop:

        def on_event(event: Stage | Step) -> None:
            watch(event)
            stop.step_done(training=isinstance(event, Step))

        try:
            follow_all: Callable[..., Outcome | SeedsOutcome] = partial(train_seeds, seeds=seeds) if several else follow_recipe
            how = {"resume": resume is not None, "overwrite": overwrite, "baseline": baseline, "dev_only": dev_only}
            outcome = follow_all(given, run, **how, on_event=on_event)
        except KeyboardInterrupt:
            behind = ", behind the same launcher" if has_siblings() else ""
            err().print(f"stopped; go on by: hatetinyllm train --resume {quote(str(run))}{behind}", markup=False)
            raise typer.Exit(INTERRUPTED) from None
    if isinstance(outcome, SeedsOutcome):
        say_seeds(outcome, as_json=json)
    else:
        _say(outcome, run, as_json=json)


def _say(outcome: "Outcome", run: Path, *, as_json: bool) -> None:
    """Draw how the training went, from the log of its steps, and tell what it came to."""
    from hatetinyllm.cli.judgement import show_outcome
    from hatetinyllm.cli.training_curve import show_training_curve
    from hatetinyllm.processes import is_first_process
    from hatetinyllm.reporting.training_curve import draw_curve
    from hatetinyllm.training.run import Run

    place = Run(folder=run)
    points = draw_curve(place.steps, place.curve) if is_first_process() else ()
    if as_json:
        bundle = {"bundle": outcome.bundle.folder, "identity": outcome.bundle.identity}
        say_json({"run": run, "curve": place.curve, **bundle, "results": outcome.results})
    else:
        show_training_curve(points)
        show_outcome(outcome, run)


def _file(recipe: Path | None, resume: Path | None, changes: Mapping[str, object]) -> Path:
    """The file with the recipe; what makes no sense together is refused."""
    preset = changes["--preset"]
    if preset and (problem := wrong_preset(preset)):
        raise RecipeError(problem)
    if resume is None and recipe is None and preset:
        hints = [
            f"hatetinyllm train RECIPE --preset {preset}",
            f"no recipe yet? hatetinyllm init --preset {preset} writes one with its values",
        ]
        raise RecipeError("a preset is laid under a recipe, and no recipe is named", hints)
    if resume is None and recipe is not None:
        return recipe
    if resume is None or recipe is not None:
        raise RecipeError("name one of the two: a recipe to follow, or --resume RUN to go on with")
    if told := [option for option, value in changes.items() if value]:
        raise RecipeError("a run goes on as it began", [f"--resume takes no {', '.join(told)}"])
    if not (resume / "recipe.toml").is_file():
        raise TrainingError(f"{str(resume)!r} holds no run to go on with", [_instead(resume)])
    return resume / "recipe.toml"


def _instead(resume: Path) -> str:
    """What may have been meant by a place that is no run's."""
    if (resume / "sweep.toml").is_file():
        return f"it is a sweep's: hatetinyllm sweep --resume {quote(str(resume))}"
    if resume.is_file():
        return f"it is a file; a recipe is followed by: hatetinyllm train {quote(str(resume))}"
    return "name the run's folder, with its recipe.toml; one that has not come so far is begun again by its recipe"


def _read(path: Path, settings: Sequence[str], preset: str | None, resume: Path | None) -> dict[str, Any]:
    from hatetinyllm.config.recipe import read_recipe, with_settings
    from hatetinyllm.training.sections import sections

    given = read_recipe(path)
    refuse_other_kind(given, command="train", typed=f"--resume {quote(str(resume))}" if resume else quote(str(path)))
    return with_settings(given, settings, sections()) | ({"preset": preset} if preset else {})


def _check(given: Mapping[str, Any], *, to_read: bool) -> None:
    from hatetinyllm.training.sections import sections

    check_early(given, sections(), to_read=to_read)
