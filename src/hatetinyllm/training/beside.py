"""
Rows of other sets, learnt beside those of a recipe's own data: they teach heads that the own data does not answer.

They judge nothing that the own data judges. What they answer is taken from them, as far as the own dev part answers it, before a
small share of each set goes to dev; all else goes to train. A row that is kin of a row that judges is learnt by nobody.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from hatetinyllm.config.signature import REQUIRED, read_options
from hatetinyllm.data import DATASETS
from hatetinyllm.data.dataset import card_of, load_dataset, require_consent
from hatetinyllm.data.kin import find_kin
from hatetinyllm.errors import RecipeError, did_you_mean
from hatetinyllm.types import PARTS, Example, Seed, Splits, Whole

DEV_SHARE, DEV_ROWS = 0.05, 500  # of a set go to dev, the lesser of the two


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A set beside the own data: the rows that are offered, and those that only keep their kin out of train."""

    name: str
    offered: tuple[Example, ...]
    left: tuple[Example, ...]  # of parts that were not asked for
    splits: Splits


def join(
    splits: Splits,
    *,
    datasets: tuple[str, ...] = (),  # other sets whose rows are learnt too, as `name`, or as `name:part` for one part of it
    headline: tuple[str, ...] = (),  # those of them whose answer to the own data's question is learnt too, not just the others
    most: Whole = 0,  # rows of each set at most, as even over its answers as they allow; 0 for all
    seed: Seed = 42,  # another seed draws other rows, and sets others aside for dev
) -> Splits:
    """The recipe's own parts, with the rows of other sets in train and a few of them in dev; test stays what it is."""
    if not datasets:
        return splits
    if problems := wrong_beside(splits.name, datasets=datasets, headline=headline):
        raise RecipeError("no other sets can be learnt beside the data", problems)
    found = [_read(word, most, seed) for word in datasets]
    kept = {beside.name for beside, word in zip(found, datasets, strict=True) if word in headline}
    rows = [
        example if beside.name in kept else _without(example, {splits.scheme}) for beside in found for example in beside.offered
    ]
    held = [*splits.dev, *splits.test, *(example for beside in found for example in beside.left)]
    groups = find_kin([*held, *rows], near_duplicates="always").groups
    answered = {splits.scheme, *(name for example in splits.dev for name in example.labels)}
    dealt = _deal(rows, groups[len(held) :], set(groups[: len(held)]), answered, seed)
    return replace(
        splits,
        train=(*splits.train, *(row for row, part in zip(rows, dealt, strict=True) if part == "train")),
        dev=(*splits.dev, *(_without(row, answered) for row, part in zip(rows, dealt, strict=True) if part == "dev")),
        how=f"{splits.how}, beside {', '.join(datasets)}",
        notes=(*splits.notes, *_notes(found, rows, dealt)),
        files={**splits.files, **{path: digest for beside in found for path, digest in beside.splits.files.items()}},
        licences=tuple(dict.fromkeys((*splits.licences, *(id for beside in found for id in beside.splits.licences)))),
        rejected=(*splits.rejected, *(row for beside in found for row in beside.splits.rejected)),
    )


def wrong_beside(
    own: str, *, datasets: Sequence[str], headline: Sequence[str], heads: Sequence[str] = (), **others: Any
) -> list[str]:
    """What is wrong with a choice of sets, told before anything is read; `heads` are those asked of them, where that is known."""
    problems = [problem for word in datasets for problem in _wrong_set(own, word)]
    names = Counter(name_of(word) for word in datasets)
    problems += [f"beside.datasets names {name!r} {count} times" for name, count in names.items() if count > 1]
    problems += [
        f"beside.headline names {word!r}, which is not among beside.datasets ({did_you_mean(word, datasets)})"
        for word in headline
        if word not in datasets
    ]
    for word in datasets if heads and not problems else ():
        card = card_of(name_of(word))
        answered = [name for name in card.heads if name != heads[0] or word in headline] if card else heads
        if not set(answered) & set(heads):
            told = f"{', '.join(answered) or 'nothing but the headline'}, and heads.heads asks for {', '.join(heads)}"
            problems.append(f"beside.datasets: {word!r} answers {told}")
    return problems


def expected_rows(*, datasets: Sequence[str], most: int, **others: Any) -> int:
    """About how many rows the sets bring, as their cards count them, before anything is read."""
    cards = {word: card_of(name_of(word)) for word in datasets}
    counts = {
        word: sum(sum(labels.values()) for part, labels in card.counts.items() if word.partition(":")[2] in ("", part))
        for word, card in cards.items()
        if card
    }
    return sum(min(count, most or count) for count in counts.values())


def require_consents(datasets: Sequence[str]) -> None:
    """Refuse the first set whose licence was not agreed to."""
    for word in datasets:
        if card := card_of(name_of(word)):
            require_consent(card)


def name_of(word: str) -> str:
    """The set that `name` or `name:part` speaks of."""
    return word.partition(":")[0]


def _wrong_set(own: str, word: str) -> Iterator[str]:
    name, colon, part = word.partition(":")
    if name not in DATASETS:
        yield f"beside.datasets: there is no dataset {name!r} ({did_you_mean(name, DATASETS)})"
        return
    if colon and part not in PARTS:
        yield f"beside.datasets: {word!r}: there is no part {part!r} ({did_you_mean(part, PARTS)})"
    if name == own:
        yield f"beside.datasets: {name!r} is the recipe's own data"
    options = read_options(DATASETS.place(name))
    if asked := [option.name for option in options if option.default is REQUIRED or option.name == "path"]:
        yield f"beside.datasets: {name!r} cannot be read by its name alone, it asks for {', '.join(asked)}"


def _read(word: str, most: int, seed: int) -> Beside:
    """A set's rows under ids of its own; a part that is not asked for is held like a test part."""
    name, _, part = word.partition(":")
    splits = load_dataset(name)
    offered = _drawn(splits.part(part) if part else tuple(splits.rows()), splits.scheme, most, seed)
    left = [example for other in PARTS if part and other != part for example in splits.part(other)]
    return Beside(
        name=name,
        offered=tuple(_renamed(example, name) for example in offered),
        left=tuple(_renamed(example, name) for example in left),
        splits=splits,
    )


def _renamed(example: Example, name: str) -> Example:
    return replace(
        example,
        id=f"{name}/{example.id}",
        partners=tuple(f"{name}/{partner}" for partner in example.partners),
        group=None if example.group is None else f"{name}/{example.group}",
    )


def _without(example: Example, schemes: set[str]) -> Example:
    """The row without its answers to some questions."""
    return replace(example, labels={name: said for name, said in example.labels.items() if name not in schemes})


def _deal(rows: Sequence[Example], groups: Sequence[int], held: set[int], answered: set[str], seed: int) -> list[str]:
    """The part of each row, nothing where it is left out: kin of what judges are, whichever set they are of."""
    open_rows = [index for index, group in enumerate(groups) if group not in held and rows[index].labels]
    judging = [index for index in open_rows if not answered.issuperset(rows[index].labels)]
    chosen = _chosen(rows, groups, judging, seed)
    dealt = ["" for _ in rows]
    for index in open_rows:
        dealt[index] = "" if groups[index] in chosen else "train"
    for index in judging:
        dealt[index] = "dev" if groups[index] in chosen else dealt[index]
    return dealt


def _chosen(rows: Sequence[Example], groups: Sequence[int], judging: Sequence[int], seed: int) -> set[int]:
    """The groups of kin that go to dev whole, drawn until each set has its share there."""
    sizes = Counter(_set_of(rows[index].id) for index in judging)
    wanted = {name: min(DEV_ROWS, round(DEV_SHARE * size)) for name, size in sizes.items()}
    members: dict[int, list[str]] = {}
    for index in judging:
        members.setdefault(groups[index], []).append(rows[index].id)
    taken, chosen = Counter[str](), set[int]()
    for group in sorted(members, key=lambda group: min(_lot(seed, id) for id in members[group])):
        counts = Counter(map(_set_of, members[group]))
        if all(taken[name] + count <= wanted[name] for name, count in counts.items()):
            chosen.add(group)
            taken.update(counts)
    return chosen


def _drawn(examples: Sequence[Example], scheme: str, most: int, seed: int) -> tuple[Example, ...]:
    """At most so many rows, as many of each answer as there can be; what a rare answer leaves free goes to the others."""
    if not most or len(examples) <= most:
        return tuple(examples)
    by_answer: dict[tuple[str, ...], list[str]] = {}
    for example in sorted(examples, key=lambda example: _lot(seed, example.id)):
        by_answer.setdefault(example.labels.get(scheme, ()), []).append(example.id)
    taken: set[str] = set()
    rarest_first = sorted(by_answer.items(), key=lambda item: (len(item[1]), item[0]))
    for place, (_, ids) in enumerate(rarest_first):
        taken.update(ids[: (most - len(taken)) // (len(by_answer) - place)])
    return tuple(example for example in examples if example.id in taken)


def _set_of(id: str) -> str:
    return id.partition("/")[0]


def _lot(seed: int, id: str) -> bytes:
    return blake2b(f"beside {seed} {id}".encode(), digest_size=16).digest()


def _notes(found: Sequence[Beside], rows: Sequence[Example], dealt: Sequence[str]) -> Iterator[str]:
    """What became of each set, and what its own reader must know."""
    counts = Counter((_set_of(row.id), part) for row, part in zip(rows, dealt, strict=True))
    for beside in found:
        train, dev, out = (counts[beside.name, part] for part in ("train", "dev", ""))
        told = f"beside {beside.name}: {train:,} rows to train, {dev:,} to dev"
        yield told + (f"; {out:,} left out, kin of rows that judge or without an answer" if out else "")
        yield from (f"{beside.name}: {note}" for note in beside.splits.notes)
