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
    pickled: Annotated[
        bool, typer.Option("--pickled", help="Read a base that is only pickled, without running code; keep a safetensors copy.")
    ] = False,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Make a bundle of a sequence classifier that plain PEFT trained.

    Its answers stay the same for texts that our normal form leaves as they are and that fit into one window, of 128 tokens
    unless --set text.max_tokens says otherwise; other texts are normalised, and long ones read window by window.
    """
    from hatetinyllm.config.recipe import resolve, with_settings
    from hatetinyllm.training.adapter_folder import check_folders
    from hatetinyllm.training.sections import sections

    check_folders(adapter, bundle)
    given = with_settings({}, settings or [])
    recipe = resolve(given, {"text": sections()["text"]})

    from hatetinyllm.text.encode import TextSettings
    from hatetinyllm.training.adopt import adopt as make_bundle

    text = TextSettings(**recipe["text"].options)
    made = make_bundle(adapter, bundle, labels=labels or (), base=base, pickled=pickled, settings=text)
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
