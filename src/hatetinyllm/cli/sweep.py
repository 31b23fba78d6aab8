"""`sweep`: try a recipe with other values, and judge the best; stopped, it goes on by --resume."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import INTERRUPTED, Json, Settings, err, say_json
from hatetinyllm.cli.recipe import refuse_other_kind
from hatetinyllm.cli.stop import Stop
from hatetinyllm.errors import RecipeError, TrainingError
from hatetinyllm.registry import home

if TYPE_CHECKING:
    from hatetinyllm.studies.swept import Swept


def sweep(
    recipe: Annotated[Path | None, typer.Argument(help="A recipe for `train`; a [sweep] in it may say what is tried.")] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SECTION.KEY=VALUES", help="Numbers as 1e-5..1e-3 or '2..16 log', choices as 2,4,8; more by repeating it."
        ),
    ] = None,
    run: Annotated[Path | None, typer.Option("--out", help="The sweep's folder; runs/RECIPE-sweep unless given.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the sweep in this folder, by its own recipe.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials in all; 20.")] = None,
    metric: Annotated[str | None, typer.Option(help="Figure of the dev part that is to be high; macro_f1.")] = None,
    sampler: Annotated[
        str | None, typer.Option(help="tpe learns from earlier trials, random does not, grid tries all; tpe.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the values that are tried; 0.")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="End a trial that lags behind the median of the others.")] = False,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Try values of a recipe, held against each other by the dev part alone; the best is judged on the test part."""
    search = {"trials": trials, "metric": metric, "sampler": sampler, "seed": seed, "prune": prune or None}
    stated = {key: value for key, value in search.items() if value is not None}
    changes = {"--out": run, "--over": over, "--set": settings} | {f"--{key}": value for key, value in stated.items()}
    _require_one(recipe, resume, [option for option, value in changes.items() if value is not None and option != "--trials"])
    if resume is not None:
        folder, given = resume, with_search(_kept(resume), stated, [])
    else:
        assert recipe is not None
        folder, given = run or Path("runs") / f"{recipe.stem}-sweep", _read(recipe, settings or [], stated, over or [])
    _check(given)
    home("hatetinyllm.studies.trials:Trials")  # without Optuna, an error that tells how to get it
    _follow(given, folder, resume=resume is not None, as_json=json)


def with_search(given: Mapping[str, Any], search: Mapping[str, Any], over: Sequence[str]) -> dict[str, Any]:
    """The recipe with what the command line says of the sweep laid over it."""
    from hatetinyllm.studies.space import flat, read_over
    from hatetinyllm.studies.sweep_recipe import OVER, SWEEP

    own = given.get(SWEEP, {})
    if not isinstance(own, Mapping):
        return dict(given)  # told with all else that is wrong
    before = own.get(OVER, {})
    laid = {**flat(before), **read_over(over)} if isinstance(before, Mapping) else before
    return {**given, SWEEP: {**own, **search, OVER: laid}}


def _follow(given: Mapping[str, Any], folder: Path, *, resume: bool, as_json: bool) -> None:
    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.cli.trials import Watch, show_swept
    from hatetinyllm.studies.sweep import sweep as search
    from hatetinyllm.studies.swept import Swept
    from hatetinyllm.training.loop import Step

    swept: Swept | None = None
    metric = str(given["sweep"].get("metric", "macro_f1"))
    with Watch(err(), metric=metric, quiet=as_json) as watch, shown_downloads(quiet=as_json), Stop() as stop:
        try:
            with closing(search(given, folder, resume=resume)) as events:
                for event in events:
                    if isinstance(event, Swept):
                        swept = event
                        continue
                    watch(event)
                    stop.step_done(training=isinstance(event, Step))
        except KeyboardInterrupt:
            err().print(f"stopped; go on by: hatetinyllm sweep --resume {quote(str(folder))}", markup=False)
            raise typer.Exit(INTERRUPTED) from None
    assert swept is not None, "a sweep ends with what it came to"
    _say(swept) if as_json else show_swept(swept)
    if swept.best is None:
        raise TrainingError("no trial was done", [f"trial {trial.number}: {trial.reason}" for trial in swept.trials])


def _say(swept: "Swept") -> None:
    from hatetinyllm.studies.swept import Places

    where = Places(folder=swept.folder)
    told = {"recipe": where.best, "bundle": where.run(swept.best.number).bundle} if swept.best else {}
    names = ("metric", "trials", "best", "importance", "judgements", "results", "tested", "caveats")
    say_json({"sweep": swept.folder, **told, **{name: getattr(swept, name) for name in names}})


def _require_one(recipe: Path | None, resume: Path | None, changes: Sequence[str]) -> None:
    """A recipe is named, or a sweep to go on with, which is what it was; it may be of more trials."""
    if (recipe is None) == (resume is None):
        raise RecipeError("name one of the two: a recipe to sweep, or --resume FOLDER to go on with")
    if resume is not None and changes:
        raise RecipeError("a sweep goes on as it began", [f"--resume takes no {', '.join(changes)}; --trials may be more"])


def _read(path: Path, settings: Sequence[str], search: Mapping[str, Any], over: Sequence[str]) -> dict[str, Any]:
    from hatetinyllm.config.recipe import read_recipe, with_settings
    from hatetinyllm.training.sections import sections

    given = read_recipe(path)
    refuse_other_kind(given, command="sweep", typed=quote(str(path)))
    return with_search(with_settings(given, settings, sections()), search, over)


def _kept(folder: Path) -> dict[str, Any]:
    """The recipe of a sweep that was begun."""
    from hatetinyllm.config.recipe import read_recipe

    path = folder / "sweep.toml"
    if not path.is_file():
        raise TrainingError(f"{str(folder)!r} holds no sweep to go on with: it has no {path.name}")
    return read_recipe(path)


def _check(given: Mapping[str, Any]) -> None:
    """Tell at once what is wrong with names, options and licences; a recipe with plugins is checked once they are imported."""
    from hatetinyllm.cli.recipe import check_early
    from hatetinyllm.studies.sweep_recipe import read_sweep, require_followable

    if "plugins" not in given:
        recipe = read_sweep(given)
        require_followable(recipe, lambda trial: check_early(trial, recipe.sections))
