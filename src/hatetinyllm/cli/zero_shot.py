"""`zero-shot`: what a model says of texts that it learnt nothing from."""

from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from hatetinyllm.cli.output import INTERRUPTED, Json, Settings, err, out, say_json
from hatetinyllm.cli.recipe import check_early, refuse_other_kind
from hatetinyllm.errors import RecipeError


def zero_shot(
    recipe: Annotated[Path | None, typer.Argument(help="A recipe in TOML; or name --model and --data.")] = None,
    model: Annotated[str | None, typer.Option(help="A model, as `models list` names it.")] = None,
    data: Annotated[str | None, typer.Option(help="A dataset, as `data list` names it; its test part is judged.")] = None,
    split: Annotated[str | None, typer.Option(help="How the rows are parted; official unless given.")] = None,
    run: Annotated[
        Path | None, typer.Option("--out", help="The run's folder; runs/RECIPE or runs/MODEL-zero-shot-DATA unless given.")
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder, by its own recipe.")] = None,
    settings: Settings = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew in a folder that holds a run.")] = False,
    json: Json = False,
) -> None:
    """Ask a language model about every text by fixed prompts, and judge what it finds likelier: a baseline without training."""
    from hatetinyllm.config.recipe import read_recipe, with_settings
    from hatetinyllm.studies.sections import zero_shot_sections

    named = model is not None or data is not None or split is not None
    if (recipe is not None) + (resume is not None) + named != 1:
        raise RecipeError("name one of the three: a recipe, --model and --data, or --resume RUN to go on with")
    if resume is not None and (run is not None or settings or overwrite):
        raise RecipeError("a run goes on as it began", ["--resume takes no --out, --set or --overwrite"])
    if named:
        given, run = _recipe(model, data, split), run or Path("runs") / f"{model}-zero-shot-{data}"
    else:
        path = recipe if resume is None else resume / "recipe.toml"
        assert path is not None
        given, run = read_recipe(path), run or resume or Path("runs") / path.stem
        refuse_other_kind(given, command="zero-shot", typed=f"--resume {quote(str(resume))}" if resume else quote(str(path)))
    given = with_settings(given, settings or [], zero_shot_sections())
    check_early(given, zero_shot_sections())

    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.cli.judgement import result_table
    from hatetinyllm.cli.progress import Watch
    from hatetinyllm.cli.stop import Stop
    from hatetinyllm.studies.zero_shot import Asked
    from hatetinyllm.studies.zero_shot import zero_shot as ask
    from hatetinyllm.training.follow import Stage

    with Watch(err(), quiet=json) as watch, shown_downloads(quiet=json), Stop() as stop:

        def on_event(event: Stage | Asked) -> None:
            if isinstance(event, Asked):
                watch.count(event.number, event.of, f"{event.prompt}, {event.order}", texts_per_s=event.texts_per_s)
            else:
                watch(event)
            stop.step_done(training=isinstance(event, Asked))

        try:
            answered = ask(given, run, resume=resume is not None, overwrite=overwrite, on_event=on_event)
        except KeyboardInterrupt:
            begun = (run / "recipe.toml").is_file() and (run / "answers.jsonl").is_file()
            how = f"go on by: hatetinyllm zero-shot --resume {quote(str(run))}" if begun else "nothing was asked yet"
            err().print(f"stopped; {how}", markup=False)
            raise typer.Exit(INTERRUPTED) from None
    if json:
        say_json({"run": run, "results": answered.results, "notes": answered.notes})
        return
    out().print(result_table([result for result in answered.results if ", order " not in result.name]))
    out().print(f"\nrun      {run}; each order of the answers alone: {run / 'results.json'}", markup=False)


def _recipe(model: str | None, data: str | None, split: str | None) -> dict[str, Any]:
    """The recipe that the options stand for; every other option is at its default."""
    if model is None or data is None:
        missing = "--model" if model is None else "--data"
        raise RecipeError(f"{missing} is missing", ["name both a model and a dataset, or give a recipe"])
    return {"data": {"name": data}, "split": {"name": split or "official"}, "model": {"name": model}}
