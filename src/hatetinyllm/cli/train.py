"""`train`: follow a recipe, with progress."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from hatetinyllm.cli.output import INTERRUPTED, Json, Settings, err, say_json
from hatetinyllm.cli.stop import Stop
from hatetinyllm.errors import RecipeError


def train(
    recipe: Annotated[Path | None, typer.Argument(help="A recipe in TOML; `init` writes one.")] = None,
    run: Annotated[Path | None, typer.Option("--out", help="The run's folder; runs/RECIPE unless given.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder, by its own recipe.")] = None,
    settings: Settings = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="Judge a TF-IDF model on the same rows too.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew in a folder that holds a run.")] = False,
    preset: Annotated[str | None, typer.Option(help="Values under the recipe's own, such as paper-lora.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would learn, the memory and the time; train nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Follow a recipe: read, tune, train, judge, and save a bundle."""
    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.cli.judgement import show_outcome
    from hatetinyllm.cli.plan import say_plan
    from hatetinyllm.cli.progress import Watch
    from hatetinyllm.config.recipe import read_recipe, with_settings
    from hatetinyllm.training.follow import Stage
    from hatetinyllm.training.follow import train as follow_recipe
    from hatetinyllm.training.loop import Step

    if (recipe is None) == (resume is None):
        raise RecipeError("name one of the two: a recipe to follow, or --resume RUN to go on with")
    if resume is not None:
        if run is not None or settings or overwrite or preset or dry_run:
            raise RecipeError("a run goes on as it began", ["--resume takes no --out, --set, --overwrite, --preset or --dry-run"])
        recipe, run = resume / "recipe.toml", resume
    assert recipe is not None
    run = run or Path("runs") / recipe.stem
    given = with_settings(read_recipe(recipe), settings or []) | ({"preset": preset} if preset else {})
    if dry_run:
        say_plan(given, as_json=json)
        return
    with Watch(err(), quiet=json) as watch, shown_downloads(quiet=json), Stop() as stop:

        def on_event(event: Stage | Step) -> None:
            watch(event)
            stop.step_done(training=isinstance(event, Step))

        try:
            outcome = follow_recipe(
                given, run, resume=resume is not None, overwrite=overwrite, baseline=baseline, on_event=on_event
            )
        except KeyboardInterrupt:
            err().print(f"stopped; go on by: hatetinyllm train --resume {quote(str(run))}", markup=False)
            raise typer.Exit(INTERRUPTED) from None
    if json:
        say_json({"run": run, "bundle": outcome.bundle.folder, "identity": outcome.bundle.identity, "results": outcome.results})
    else:
        show_outcome(outcome, run)
