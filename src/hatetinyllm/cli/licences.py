"""`licences`: what a bundle, or a set of datasets, obliges its user to."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, out, say_json, table


def licences(
    things: Annotated[list[str], typer.Argument(help="A bundle's folder, or names of datasets.")],
    json: Json = False,
) -> None:
    """Show the licences of what went in, and the effective licence of what comes out."""
    from hatetinyllm.bundle import read_bundle
    from hatetinyllm.data.dataset import card_of
    from hatetinyllm.data.licence import LICENCES, effective_licence, say_effective

    held: dict[str, tuple[str, ...]] = {}
    for thing in things:
        if Path(thing).is_dir():
            record = read_bundle(Path(thing)).manifest.data
            held[thing] = record.licences if record else ()
        else:
            card = card_of(thing)
            held[thing] = (card.licence,) if card else ("own",)
    ids = [id for licences in held.values() for id in licences]
    if json:
        say_json(
            {"licences": {thing: list(licences) for thing, licences in held.items()}, "effective": asdict(effective_licence(ids))}
        )
        return
    rows = [[thing, LICENCES[id].name, LICENCES[id].url] for thing, licences in held.items() for id in licences]
    out().print(table(["what", "licence", "text"], rows))
    out().print(f"\n{say_effective(ids)}")
