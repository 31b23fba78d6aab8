"""
How many rows a recipe's data will have, told before they are read: from the card, the sample and the split.

Only what costs nothing to know exactly is opened: a user's own table that is here, and rows the package makes itself.
Kin that a split leaves out or keeps together cannot be foreseen without reading, so such parts are told as they would be
without kin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatetinyllm.data.card import Card
from hatetinyllm.data.dataset import card_of, load_dataset
from hatetinyllm.data.sample import draw
from hatetinyllm.types import PARTS, Choice, Splits

AS_WITHOUT_KIN = "counted as if no two rows were kin: the split `{}` may leave rows out, or shift them between parts"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The rows of each part; nothing is known of them where `rows` is empty."""

    rows: Mapping[str, int]
    scheme: str  # what the rows answer
    mean_characters: float | None = None  # of a text, where the texts were looked at
    read: bool = False  # counted in the rows themselves, not on a card
    notes: tuple[str, ...] = ()


def expect(data: Choice, sample: Mapping[str, Any], split: Choice) -> Expected:
    """What the data of a recipe will come to."""
    card = card_of(data.name)
    if card is not None and card.files:
        source = _by_card(card, data)
    elif absent := _absent(data):
        return Expected(rows={}, scheme="hate", notes=tuple(f"there is no file {str(path)!r} here" for path in absent))
    else:
        source = _by_rows(draw(load_dataset(data.name, **data.options), rows=sample.get("rows", 0), seed=sample.get("seed", 42)))
    if not source.rows:
        return source
    whole = sum(source.rows.values())
    share = 1.0 if source.read or not sample.get("rows") else min(1.0, sample["rows"] / whole)
    rows = _parted({part: count * share for part, count in source.rows.items()}, split.options)
    if sample.get("train_rows"):
        rows["train"] = min(rows["train"], sample["train_rows"])
    hint = (AS_WITHOUT_KIN.format(split.name),) if split.name in ("grouped", "official-leakfree") else ()
    return Expected(
        rows={part: round(rows.get(part, 0)) for part in PARTS},
        scheme=source.scheme,
        mean_characters=source.mean_characters,
        read=source.read,
        notes=(*source.notes, *hint),
    )


def _by_card(card: Card, data: Choice) -> Expected:
    language = data.options.get("language")
    if any(part.startswith(f"{language} ") for part in card.counts):
        card = card.only(str(language))
    rows = {part: sum(labels.values()) for part, labels in card.counts.items()}
    doubt = () if rows and card.verified else (f"{card.name}: nobody has counted its rows yet",)
    return Expected(rows=rows, scheme=card.scheme, notes=doubt)


def _by_rows(splits: Splits) -> Expected:
    lengths = [len(example.text) for example in splits.rows()]
    rows = {part: len(splits.part(part)) for part in PARTS if splits.part(part)}
    mean = sum(lengths) / len(lengths) if lengths else None
    return Expected(rows=rows, scheme=splits.scheme, mean_characters=mean, read=True)


def _absent(data: Choice) -> list[Path]:
    """The user's files that are named and not here."""
    named = (data.options.get(key) for key in ("path", *PARTS))
    files = [Path(name).expanduser() for name in named if isinstance(name, str) and name]
    return [path for path in files if not path.is_file()]


def _parted(rows: Mapping[str, float], options: Mapping[str, Any]) -> dict[str, float]:
    """The rows of each part once they are split; a way to split that names `parts` deals them all anew."""
    shares = {part: float(options.get(f"{part}_share", 0)) for part in ("dev", "test")}
    if "parts" in options:
        whole = sum(count for part, count in rows.items() if part in options["parts"])
        return {"train": whole * (1 - sum(shares.values())), **{part: whole * share for part, share in shares.items()}}
    carved = {part: rows.get("train", 0) * share for part, share in shares.items() if not rows.get(part)}
    return {**rows, **carved, "train": rows.get("train", 0) - sum(carved.values())}
