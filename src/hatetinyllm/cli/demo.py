"""`demo`: the main job from end to end, offline, on what the package ships."""

from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, err, facts, figure, out, say_json, table
from hatetinyllm.errors import TrainingError

QUESTIONS = (
    "We had dinner with refugees from our street on Sunday, it was lovely.",
    "Mondays are awful and the bus is always late.",
    "Immigrants are not welcome in our town, they should leave.",
    "Nobody has the right to say that immigrants should leave our town.",
    "Those m****s are all liars, keep them out of the school.",
    "",
)


def demo(
    run: Annotated[Path, typer.Option("--out", help="Where the run goes; a demo that is there is replaced.")] = Path("runs/demo"),
    json: Json = False,
) -> None:
    """Fine-tune a small decoder with LoRA, judge it, save it, and ask it: a tour in under three minutes."""
    from hatetinyllm.cli.judgement import result_table
    from hatetinyllm.cli.progress import Watch
    from hatetinyllm.cli.training_curve import show_training_curve
    from hatetinyllm.config.recipe import read_toml
    from hatetinyllm.inference.detector import Detector
    from hatetinyllm.reporting.training_curve import draw_curve
    from hatetinyllm.training.follow import train
    from hatetinyllm.training.run import Run

    given = read_toml(recipe_text(), where="the demo's recipe")
    _refuse_another_run(run)
    with Watch(err(), quiet=json) as watch:
        outcome = train(given, run, overwrite=True, baseline=True, on_event=watch)
    place = Run(folder=run)
    points = draw_curve(place.steps, place.curve)
    verdicts = Detector.open(outcome.bundle.folder).classify_all(QUESTIONS)
    if json:
        asked = [{"text": text, "verdict": verdict} for text, verdict in zip(QUESTIONS, verdicts, strict=True)]
        say_json({"run": run, "bundle": outcome.bundle.folder, "results": outcome.results, "verdicts": asked})
        return
    console = out()
    show_training_curve(points)
    console.print("\n[bold]How it fared[/] on templates it never saw, beside a TF-IDF model on the same rows")
    console.print(result_table(outcome.results))
    console.print("\n[bold]What it says[/]")
    rows = [
        [verdict.label or "–", figure(verdict.score), verdict.reason, text]
        for text, verdict in zip(QUESTIONS, verdicts, strict=True)
    ]
    console.print(table(["label", "score", "reason", "text"], rows, right=["score"]))
    console.print("\n[bold]What was made[/]")
    console.print(
        facts(
            {
                "bundle": f"{outcome.bundle.folder}  what was learnt, to be served as it is",
                "recipe": f"{run / 'recipe.toml'}  every option, defaults written out",
                "results": f"{run / 'results.json'}  the figures above",
                "steps": f"{place.steps}  loss and learning rate, a line a step",
                "curve": f"{place.curve}  the loss as a picture",
            }
        )
    )
    console.print(f"\nask it yourself:  hatetinyllm classify --bundle {quote(str(outcome.bundle.folder))} 'a text of yours'")
    console.print("It began with random weights and learnt from mild templates alone: words it never met")
    console.print("mean nothing to it. It shows how things work, and is no moderator.")


def recipe_text() -> str:
    """The demo's recipe, as it ships."""
    return files("hatetinyllm").joinpath("demo.toml").read_text(encoding="utf-8")


def _refuse_another_run(run: Path) -> None:
    """The demo replaces a demo, and nothing else."""
    recipe = run / "recipe.toml"
    if recipe.is_file() and '[data]\nname = "demo"' not in recipe.read_text(encoding="utf-8"):
        raise TrainingError(f"{str(run)!r} holds a run of yours", ["choose another folder by --out"])
