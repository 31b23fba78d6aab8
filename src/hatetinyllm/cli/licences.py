"""`licences`: what a bundle, or a set of datasets, obliges its user to."""

from pathlib import Path
from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, out, say_json, table


def licences(
    things: Annotated[list[str], typer.Argument(help="A bundle's folder, or names of datasets.")],
    json: Json = False,
) -> None:
    """Show the licences of what went in, and the effective licence of what comes out."""
    from hatetinyllm.builtin.place import BUILTIN, bundle_folder
    from hatetinyllm.bundle import read_bundle
    from hatetinyllm.data import DATASETS
    from hatetinyllm.data.dataset import card_of
    from hatetinyllm.data.licence import UNRECORDED, effective_licence, licence, say_effective

    held: dict[str, tuple[str, ...]] = {}
    bases: dict[str, str] = {}
    for thing in things:
        if thing == BUILTIN or _is_bundle(Path(thing), known=thing in DATASETS):
            manifest = read_bundle(bundle_folder(thing)).manifest
            held[thing] = manifest.data.licences if manifest.data else (UNRECORDED,)
            if manifest.base_licence:
                bases[thing] = manifest.base_licence
        else:
            card = card_of(thing)
            held[thing] = (card.licence,) if card else ("own",)
    ids = [id for licences in held.values() for id in licences]
    if json:
        say_json({"licences": held, "bases": bases, "effective": effective_licence(ids, bases.values())})
        return
    rows = [[thing, licence(id).name, licence(id).url] for thing, licences in held.items() for id in licences]
    rows += [[f"base model of {thing}", said, "as its card says; its terms hold too"] for thing, said in bases.items()]
    out().print(table(["what", "licence", "text"], rows))
    out().print(f"\n{say_effective(ids, bases.values())}", markup=False)


def _is_bundle(folder: Path, *, known: bool) -> bool:
    """A folder that has the name of a dataset is one only if it has a manifest."""
    return folder.is_dir() and (not known or (folder / "manifest.json").is_file())
