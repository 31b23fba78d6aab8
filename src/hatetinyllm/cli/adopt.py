"""`adopt`: a bundle from an adapter that plain PEFT trained."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, Settings, facts, out, say_json


def adopt(
    adapter: Annotated[Path, typer.Argument(help="The adapter's folder, as PEFT saved it: a LoRA, a DoRA or an IA3.")],
    bundle: Annotated[Path, typer.Option("--out", help="The bundle's folder.")],
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="A label of ours for each logit in order; else a config.json must say it.")
    ] = None,
    base: Annotated[str | None, typer.Option(help="Where its base lies, if it was moved: a folder or a hub id.")] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Make a bundle of a sequence classifier that plain PEFT trained; its answers stay the same."""
    from hatetinyllm.config.recipe import resolve, with_settings
    from hatetinyllm.text.encode import TextSettings
    from hatetinyllm.training.adopt import adopt as make_bundle
    from hatetinyllm.training.sections import sections

    given = with_settings({}, settings or [])
    recipe = resolve(given, {"text": sections()["text"]})
    made = make_bundle(adapter, bundle, labels=labels or (), base=base, settings=TextSettings(**recipe["text"].options))
    manifest = made.manifest
    if json:
        say_json({"bundle": made.folder, "identity": made.identity, "tuning": manifest.tuning, "base": manifest.base})
        return
    said = {
        "bundle": made.folder,
        "base": manifest.base.source if manifest.base else "",
        "tuning": manifest.tuning.name,
        "logits": ", ".join(manifest.heads[0].labels),
        "measured": "nothing yet; by: hatetinyllm evaluate " + quote(str(made.folder)) + " --data NAME",
    }
    out().print(facts(said))
