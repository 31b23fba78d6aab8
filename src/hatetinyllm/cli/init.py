"""`init`: write a commented recipe to start from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hatetinyllm.cli.demo import recipe_text
from hatetinyllm.cli.output import Json, out, say_json
from hatetinyllm.config.preset import PRESETS, contradictions, laid_under, read_preset
from hatetinyllm.errors import RecipeError


def init(
    path: Annotated[Path, typer.Argument(help="Where the recipe goes.")] = Path("recipe.toml"),
    data: Annotated[str, typer.Option(help="A dataset, as `data list` names it; table for your own file.")] = "demo",
    split: Annotated[str, typer.Option(help="How the rows are parted.")] = "official",
    model: Annotated[str, typer.Option(help="scratch, hub, or a known one, as `models list` names it.")] = "scratch",
    tuning: Annotated[str | None, typer.Option(help="How the model learns; the preset's own, or else lora.")] = None,
    readout: Annotated[
        str | None, typer.Option(help="head, or label-words for a model that answers a prompt; else head.")
    ] = None,
    corpus: Annotated[
        str | None,
        typer.Option(help="A file or folder of text: writes a recipe for `pretrain`; of the others only --model counts."),
    ] = None,
    preset: Annotated[str | None, typer.Option(help=f"Values to begin with: {', '.join(PRESETS)}.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write a recipe with every option, its default and what it does."""
    from hatetinyllm.config.recipe import read_toml, write_template
    from hatetinyllm.data import DATASETS, SPLITS
    from hatetinyllm.folder import write_text_whole
    from hatetinyllm.models import MODELS, READOUTS
    from hatetinyllm.training.sections import sections
    from hatetinyllm.tuning import TUNINGS

    if corpus is not None:
        _write_pretraining(path, corpus, model, overwrite=overwrite, as_json=json)
        return
    begun = read_preset(preset) if preset else None
    named = {section: values["name"] for section, values in begun.values.items() if "name" in values} if begun else {}
    asked = {section: name for section, name in (("tuning", tuning), ("readout", readout)) if name}
    chosen = {"tuning": "lora", "readout": "head", **named, "data": data, "split": split, "model": model, **asked}
    tables = {"data": DATASETS, "split": SPLITS, "model": MODELS, "readout": READOUTS, "tuning": TUNINGS}
    for section, table in tables.items():
        table.place(chosen[section])
    if begun and (problems := contradictions({section: {"name": name} for section, name in asked.items()}, begun)):
        raise RecipeError("the options contradict each other", problems)
    if chosen["readout"] == "label-words" and model == "scratch":
        raise RecipeError("random weights have no words to answer with", ["add --model, and one that `models list` names"])
    _require_free(path, overwrite=overwrite)
    head = f"# A recipe: follow it by  hatetinyllm train {path} --out runs/{path.stem}\n"
    head += f"# preset {begun.name}: {begun.about}\n\n" if begun else "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    # The defaults are for a pretrained model; one that begins with random weights learns with the demo's values.
    own = read_toml(recipe_text(), where="the demo's recipe") if model == "scratch" and chosen["tuning"] == "lora" else {}
    values = {name: part for name, part in own.items() if name != "text" or data == "demo"}
    notes = {}
    if begun:
        given = {section: {"name": name} for section, name in chosen.items()}
        values = laid_under(given, begun.values)
        notes = {section: begun.notes.get(section, {}) for section in values if values[section] is not given.get(section)}
    if chosen["readout"] == "label-words":
        values = {**values, **_answering(values)}
    write_text_whole(path, head + write_template(chosen, sections(), values, notes))
    if json:
        say_json({"recipe": str(path)})
    else:
        out().print(f"wrote {path}; follow it by: hatetinyllm train {path} --out runs/{path.stem}")


def _write_pretraining(path: Path, corpus: str, model: str, *, overwrite: bool, as_json: bool) -> None:
    """A recipe for `pretrain`, with every option; a model that is no random one keeps its vocabulary."""
    from hatetinyllm.config.recipe import write_template
    from hatetinyllm.folder import write_text_whole
    from hatetinyllm.models import MODELS
    from hatetinyllm.pretraining.sections import sections

    MODELS.place(model)
    _require_free(path, overwrite=overwrite)
    values: dict[str, dict[str, Any]] = {"corpus": {"files": [corpus]}}
    if model == "scratch":
        values["model"] = {"layers": 6, "width": 256}
    else:
        values["vocabulary"] = {"size": 0}
    typed = f"hatetinyllm pretrain {path} --out runs/{path.stem}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(
        path, f"# A recipe to learn from text: follow it by  {typed}\n\n" + write_template({"model": model}, sections(), values)
    )
    if as_json:
        say_json({"recipe": str(path)})
    else:
        out().print(f"wrote {path}; follow it by: {typed}")


def _require_free(path: Path, *, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise RecipeError(f"{str(path)!r} is there already", ["--overwrite replaces it"])


def _answering(values: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of a model that answers: a prompt to begin with, and how it goes on for each label."""
    from hatetinyllm.text.prompt import PROMPTS

    plain = PROMPTS["plain"]
    return {
        "text": {"prompt": plain.template, **values.get("text", {})},
        "readout": {"words": [plain.negative, plain.positive], **values.get("readout", {})},
    }
