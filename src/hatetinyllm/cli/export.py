"""`export`: a bundle in the form that engines without torch open, too."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, facts, out, say_json


def export(
    bundle: Annotated[str, typer.Argument(help="The bundle's folder.")],
    to: Annotated[Path, typer.Option("--out", help="The folder of the new bundle.")],
    half: Annotated[
        bool, typer.Option("--half", help="Weights in 16 bits; refused where a score changes by more than 0.005.")
    ] = False,
    base: Annotated[Path | None, typer.Option(help="Where an adapter's base lies, if it was moved.")] = None,
    json: Json = False,
) -> None:
    """
    Write a bundle that is answered for without torch: any adapter folded in, and an ONNX graph beside the weights.

    The weights are one file that every engine reads. The decoder must be Llama-shaped.
    """
    from hatetinyllm.builtin.place import bundle_folder
    from hatetinyllm.bundle import read_bundle
    from hatetinyllm.inference.export import export as write

    made = write(read_bundle(bundle_folder(bundle)), to, half=half, base=base)
    if json:
        say_json(
            {
                "bundle": made.bundle.folder,
                "identity": made.bundle.identity,
                "weights_bytes": made.weights_bytes,
                "largest_change": made.change,
                "probes": made.probes,
            }
        )
        return
    said = {
        "bundle": made.bundle.folder,
        "weights": f"{made.weights_bytes / 1e6:,.2f} MB, {'16' if half else '32'} bits a number",
        "scores": f"the largest change is {made.change:.6f}, on {made.probes:,} windows of text",
        "next": f"hatetinyllm classify --bundle {quote(str(made.bundle.folder))} TEXT",
    }
    out().print(facts(said))
