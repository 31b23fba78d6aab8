"""`data`: the datasets, what each says of itself, and a clean file of one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import Json, ShowText, err, facts, masked, out, say_json, table
from hatetinyllm.errors import LicenceError
from hatetinyllm.plain import plain

if TYPE_CHECKING:
    from hatetinyllm.data.card import Card
    from hatetinyllm.data.licence import Licence

data = typer.Typer(no_args_is_help=True, help="The datasets.")
EXAMPLES = 3


@data.command("list")
def list_(json: Json = False) -> None:
    """Show every dataset with its rows, licence and languages."""
    from hatetinyllm.data.dataset import cards

    found = list(cards())
    if json:
        say_json([{"name": c.name, "title": c.title, "rows": c.rows, "verified": c.verified, "licence": c.licence,
                   "languages": c.languages, "scheme": c.scheme, "heads": c.heads} for c in found])  # fmt: skip
        return
    rows = [
        [card.name, _counted(card.rows, card.verified), " ".join(card.languages), card.scheme, card.licence, card.title]
        for card in found
    ]
    out().print(table(["name", "rows", "in", "asks", "licence", "what"], rows, right=["rows"]))
    out().print("\n? a count of the source's that could not be checked against its file here", markup=False)
    out().print('\nyour own file: [data] name = "table", path = "mine.csv" in a recipe', markup=False)


@data.command()
def show(
    name: Annotated[str, typer.Argument(help="A dataset, as `data list` names it.")],
    json: Json = False,
    show_text: ShowText = False,
) -> None:
    """Show a dataset's licence, counts, traps, lengths and a few masked examples."""
    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.data.dataset import card_of, load_dataset
    from hatetinyllm.data.describe import describe
    from hatetinyllm.data.licence import LICENCES
    from hatetinyllm.errors import DataError

    card = card_of(name)
    if card is None:
        raise DataError(
            f"{name} is your own file: it is described by its columns", ["hatetinyllm init --data table writes its options"]
        )
    licence = LICENCES[card.licence]
    missing: DataError | None = None
    described: Mapping[str, Any] = {}
    try:
        with shown_downloads(quiet=json):
            described = describe(load_dataset(name))
    except DataError as error:
        missing = error
    if json:
        examples = [
            {**example, "text": example["text"] if show_text else masked(example["text"], show=False)}
            for example in described.get("examples", ())
        ]
        here = {**described, "examples": examples} if described else {"missing": [str(missing)]}
        say_json({**plain(card), "rows": card.rows, "licence": licence, "here": here})
        return
    _show_card(card, licence)
    if missing is not None:
        err().print(f"\nits texts are not here: {missing}", markup=False)
    else:
        _show_here(described, show_text)


@data.command()
def prepare(
    name: Annotated[str, typer.Argument(help="A dataset, as `data list` names it.")],
    to: Annotated[Path | None, typer.Option("--out", help="The Parquet file; NAME.parquet unless given.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An option of the dataset.")] = None,
    json: Json = False,
) -> None:
    """Write a dataset as one clean Parquet file."""
    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.config.recipe import resolve, with_settings
    from hatetinyllm.data import DATASETS
    from hatetinyllm.data.dataset import load_dataset
    from hatetinyllm.data.parquet import write_parquet

    path = to or Path(f"{name}.parquet")
    given = with_settings({"data": {"name": name}}, [f"data.{setting}" for setting in settings or []])
    options = resolve(given, {"data": DATASETS.places})["data"].options
    with shown_downloads(quiet=json):
        splits = load_dataset(name, **options)
    write_parquet(splits, path)
    count = sum(1 for _ in splits.rows())
    if json:
        say_json({"file": path, "rows": count, "rejected": len(splits.rejected), "notes": splits.notes})
        return
    out().print(f"wrote {path}: {count:,} rows, {len(splits.rejected):,} set aside", markup=False)
    for note in splits.notes:
        err().print(f"note: {note}", markup=False)


@data.command()
def accept(
    name: Annotated[str, typer.Argument(help="A dataset whose licence forbids commercial use.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Agree once to a licence that forbids commercial use."""
    from hatetinyllm.data.dataset import card_of, give_consent
    from hatetinyllm.data.licence import LICENCES

    card = card_of(name)
    if card is None or LICENCES[card.licence].commercial:
        _say(json, {"dataset": name, "agreed": None}, f"{name} asks for no consent")
        return
    licence = LICENCES[card.licence]
    err().print(f"{card.title} is under {licence.name} {licence.url or card.source}", markup=False)
    if not yes and not _agreed():
        raise LicenceError(f"{name} was not agreed to", [f"nobody to ask? --yes, or HATETINYLLM_ACCEPT={name}"])
    give_consent(name)
    _say(json, {"dataset": name, "agreed": card.licence}, f"noted: {name} may be used here")


def _say(as_json: bool, value: Mapping[str, Any], words: str) -> None:
    if as_json:
        say_json(value)
    else:
        out().print(words, markup=False)


def _agreed() -> bool:
    try:
        return typer.confirm("It allows no commercial use, and neither will anything trained on it. Do you agree?", err=True)
    except typer.Abort:  # nobody answered: what follows begins on a line of its own
        err().print()
        return False


def _counted(rows: int, verified: bool) -> str:
    """A count, marked where nobody could check it; no count where nobody states one."""
    return f"{rows:,}{'' if verified else ' ?'}" if rows else "not counted"


def _show_card(card: "Card", licence: "Licence") -> None:
    """What the dataset says of itself."""
    out().print(
        facts(
            {
                "dataset": card.title,
                "version": card.version,
                "source": card.source,
                "cite": card.citation,
                "licence": f"{licence.name}{'' if licence.commercial else ' (no commercial use)'} {licence.url}",
                "languages": ", ".join(card.languages),
                "answers": ", ".join(card.heads),
                "traps": "\n".join(card.traps),
            }
        )
    )
    counted = "" if card.verified else "  (unverified)"
    rows = [[part, label, f"{count:,}{counted}"] for part, labels in card.counts.items() for label, count in labels.items()]
    out().print("", table(["part", card.scheme, "rows"], rows, right=["rows"]))


def _show_here(described: Mapping[str, Any], show_text: bool) -> None:
    """What the files that are here say: lengths as a picture, notes and examples."""
    lengths = described["lengths"]
    most = max((row["rows"] for row in lengths), default=1)
    bars = [[row["words"], f"{row['rows']:,}", "█" * round(24 * row["rows"] / most)] for row in lengths]
    out().print("", table(["words", "rows", ""], bars, right=["words", "rows"]))
    shown = [[example["part"], example["label"], masked(example["text"], show=show_text)] for example in described["examples"]]
    out().print("", table(["part", "label", "text" if show_text else "text (masked)"], shown))
    for note in described["notes"]:
        err().print(f"note: {note}", markup=False)
