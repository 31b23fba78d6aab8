"""`init`: write a commented recipe to start from."""

from pathlib import Path
from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, out, say_json
from hatetinyllm.errors import RecipeError


def init(
    path: Annotated[Path, typer.Argument(help="Where the recipe goes.")] = Path("recipe.toml"),
    data: Annotated[str, typer.Option(help="A dataset, as `data list` names it; table for your own file.")] = "demo",
    split: Annotated[str, typer.Option(help="How the rows are parted.")] = "official",
    model: Annotated[str, typer.Option(help="scratch, or hub for any causal language model.")] = "scratch",
    tuning: Annotated[str, typer.Option(help="How the model learns.")] = "lora",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write a recipe with every option, its default and what it does."""
    from hatetinyllm.config.recipe import write_template
    from hatetinyllm.data import DATASETS, SPLITS
    from hatetinyllm.folder import write_text_whole
    from hatetinyllm.models import MODELS
    from hatetinyllm.training.sections import sections
    from hatetinyllm.tuning import TUNINGS

    for table, name in ((DATASETS, data), (SPLITS, split), (MODELS, model), (TUNINGS, tuning)):
        table.place(name)
    if path.exists() and not force:
        raise RecipeError(f"{str(path)!r} is there already", ["--force replaces it"])
    head = f"# A recipe: follow it by  hatetinyllm train {path} --out runs/{path.stem}\n\n"
    chosen = {"data": data, "split": split, "model": model, "tuning": tuning}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(path, head + write_template(chosen, sections()))
    if json:
        say_json({"recipe": str(path)})
    else:
        out().print(f"wrote {path}; follow it by: hatetinyllm train {path} --out runs/{path.stem}")
