"""`init`: write a commented recipe to start from."""

from pathlib import Path
from typing import Annotated

import typer

from hatetinyllm.cli.demo import recipe_text
from hatetinyllm.cli.output import Json, out, say_json
from hatetinyllm.errors import RecipeError


def init(
    path: Annotated[Path, typer.Argument(help="Where the recipe goes.")] = Path("recipe.toml"),
    data: Annotated[str, typer.Option(help="A dataset, as `data list` names it; table for your own file.")] = "demo",
    split: Annotated[str, typer.Option(help="How the rows are parted.")] = "official",
    model: Annotated[str, typer.Option(help="scratch, or hub for any causal language model.")] = "scratch",
    tuning: Annotated[str, typer.Option(help="How the model learns.")] = "lora",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write a recipe with every option, its default and what it does."""
    from hatetinyllm.config.recipe import read_toml, write_template
    from hatetinyllm.data import DATASETS, SPLITS
    from hatetinyllm.folder import write_text_whole
    from hatetinyllm.models import MODELS
    from hatetinyllm.training.sections import sections
    from hatetinyllm.tuning import TUNINGS

    for table, name in ((DATASETS, data), (SPLITS, split), (MODELS, model), (TUNINGS, tuning)):
        table.place(name)
    if path.exists() and not overwrite:
        raise RecipeError(f"{str(path)!r} is there already", ["--overwrite replaces it"])
    head = f"# A recipe: follow it by  hatetinyllm train {path} --out runs/{path.stem}\n\n"
    chosen = {"data": data, "split": split, "model": model, "tuning": tuning}
    path.parent.mkdir(parents=True, exist_ok=True)
    # The defaults are for a pretrained model; one that begins with random weights learns with the demo's values.
    known = read_toml(recipe_text(), where="the demo's recipe") if model == "scratch" and tuning == "lora" else {}
    values = {name: part for name, part in known.items() if name != "text" or data == "demo"}
    write_text_whole(path, head + write_template(chosen, sections(), values))
    if json:
        say_json({"recipe": str(path)})
    else:
        out().print(f"wrote {path}; follow it by: hatetinyllm train {path} --out runs/{path.stem}")
