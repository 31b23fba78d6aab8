"""
The ways to part a dataset's rows into train, dev and test.

`official` and `official-leakfree` start from the source's own parts, `random` and `grouped` from all its rows. Chance is
a digest of the seed and a row's id: the same rows part the same way in any order, process or version of a library.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

from hatetinyllm.data.kin import Kin, find_kin, threshold_problem
from hatetinyllm.errors import DataError
from hatetinyllm.labels import scheme
from hatetinyllm.types import PARTS, Example, Share, Splits, Whole

SHARE_MISSED = 0.1  # a part that is further than this from the size it was to have is told of

Shares = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows to part, their groups, and the question whose labels are to be balanced."""

    name: str
    scheme: str
    examples: Sequence[Example]
    groups: Sequence[int]


def official(
    splits: Splits,
    *,
    seed: Whole = 42,  # another seed carves another part
    test_share: Share = 0.2,  # of train, carved where the source has no test part; 0 carves none
    dev_share: Share = 0.1,  # of train, carved where the source has no dev part; 0 carves none
    threshold: float = 0.7,  # character cosine from which texts are kin, kept together when a part is carved
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """The source's own parts; a dev or test part it does not have is carved from train."""
    shares = _shares(splits, seed, test_share, dev_share, threshold)
    if not _to_carve(splits, shares):
        return replace(splits, how="official")
    kin = find_kin(splits.train, threshold=threshold, near_duplicates=near_duplicates)
    return _carved(replace(splits, how="official"), kin.groups, kin.how, shares, seed)


def random(
    splits: Splits,
    *,
    seed: Whole = 42,  # another seed parts the rows another way
    test_share: Share = 0.2,  # of all rows
    dev_share: Share = 0.1,  # of all rows
    threshold: float = 0.7,  # character cosine from which texts are kin, counted in the note on leaks
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """All rows by chance, stratified by label; kin are parted, and a note counts them."""
    shares = _shares(splits, seed, test_share, dev_share, threshold)
    examples = tuple(splits.rows())
    kin = find_kin(examples, threshold=threshold, near_duplicates=near_duplicates)
    dealt, notes = _deal(
        Rows(name=splits.name, scheme=splits.scheme, examples=examples, groups=range(len(examples))), shares, seed
    )
    return replace(
        splits,
        **_parts(examples, dealt),
        how=f"random ({_spelt(shares, seed)})",
        notes=(*splits.notes, *notes, *_leaks(dealt, kin)),
    )


def grouped(
    splits: Splits,
    *,
    seed: Whole = 42,  # another seed parts the groups another way
    test_share: Share = 0.2,  # of all rows, as near as whole groups come to it
    dev_share: Share = 0.1,  # of all rows, as near as whole groups come to it
    threshold: float = 0.7,  # character cosine from which texts are kin
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """All rows by chance, in whole groups of kin, labels balanced as far as groups allow."""
    shares = _shares(splits, seed, test_share, dev_share, threshold)
    examples = tuple(splits.rows())
    kin = find_kin(examples, threshold=threshold, near_duplicates=near_duplicates)
    dealt, notes = _deal(Rows(name=splits.name, scheme=splits.scheme, examples=examples, groups=kin.groups), shares, seed)
    return replace(
        splits,
        **_parts(examples, dealt),
        how=f"grouped ({_spelt(shares, seed)}; {kin.how})",
        notes=(*splits.notes, *notes, _sizes(kin.groups)),
    )


def official_leakfree(
    splits: Splits,
    *,
    seed: Whole = 42,  # another seed carves another part, where the source lacks one
    test_share: Share = 0.2,  # of train, carved where the source has no test part; 0 carves none
    dev_share: Share = 0.1,  # of train, carved where the source has no dev part; 0 carves none
    threshold: float = 0.7,  # character cosine from which texts are kin
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """The official test part untouched; kin of test leave dev, kin of test or dev leave train."""
    shares = _shares(splits, seed, test_share, dev_share, threshold)
    kin = find_kin(tuple(splits.rows()), threshold=threshold, near_duplicates=near_duplicates)
    group_of = dict(zip((example.id for example in splits.rows()), kin.groups, strict=True))
    test = {group_of[example.id] for example in splits.test}
    dev = tuple(example for example in splits.dev if group_of[example.id] not in test)
    # Whether kin of the dev rows that left count does not matter: they are kin of test themselves.
    held = test | {group_of[example.id] for example in dev}
    train = tuple(example for example in splits.train if group_of[example.id] not in held)
    clean = replace(splits, train=train, dev=dev, how=f"official-leakfree ({kin.how})")
    _require_labels_kept(splits, clean)
    clean = replace(clean, notes=(*splits.notes, *_left_out(splits, clean)))
    if not _to_carve(clean, shares):
        return clean
    return _carved(clean, [group_of[example.id] for example in train], "", shares, seed)


def _shares(splits: Splits, seed: int, test_share: float, dev_share: float, threshold: float) -> Shares:
    """The share of each part; all that is wrong with the options at once."""
    problems = [
        f"{name} is {share:g}, expected from 0 to below 1"
        for name, share in (("test_share", test_share), ("dev_share", dev_share))
        if not 0 <= share < 1
    ]
    if not problems and test_share + dev_share >= 1:
        problems.append(f"test_share {test_share:g} and dev_share {dev_share:g} leave nothing to train on")
    problems += [f"seed is {seed}, expected 0 or more"] if seed < 0 else []
    problems += [problem] if (problem := threshold_problem(threshold)) else []
    if problems:
        raise DataError(f"{splits.name} cannot be parted as asked", problems)
    return {"train": 1 - test_share - dev_share, "dev": dev_share, "test": test_share}


def _to_carve(splits: Splits, shares: Shares) -> list[str]:
    """The parts that are asked for and not there; without train there is nothing to carve them from."""
    return [part for part in ("dev", "test") if shares[part] and not splits.part(part)] if splits.train else []


def _carved(splits: Splits, groups: Sequence[int], kin: str, shares: Shares, seed: int) -> Splits:
    """Splits whose missing parts are made of train rows, kin kept together."""
    missing = _to_carve(splits, shares)
    wanted = {part: shares[part] for part in missing}
    rows = Rows(name=splits.name, scheme=splits.scheme, examples=splits.train, groups=groups)
    dealt, notes = _deal(rows, {"train": 1 - sum(wanted.values()), **wanted}, seed)
    parts = _parts(splits.train, dealt)
    told = [f"{part}: the source has none here, so {len(parts[part]):,} rows were carved from train" for part in missing]
    how = "; ".join([*(f"{part} {share:g} of train" for part, share in wanted.items()), f"seed {seed}", *([kin] if kin else [])])
    return replace(
        splits,
        **{part: parts[part] for part in ("train", *missing)},
        how=f"{splits.how}, carved: {how}",
        notes=(*splits.notes, *told, *notes),
    )


def _deal(rows: Rows, shares: Shares, seed: int) -> tuple[list[str], list[str]]:
    """The part of each row, groups whole, and what to know of it; parts that cannot be filled are an error."""
    members: dict[int, list[int]] = {}
    for index, group in enumerate(rows.groups):
        members.setdefault(group, []).append(index)
    answers = [example.labels.get(rows.scheme) or ("",) for example in rows.examples]
    totals = Counter(label for labels in answers for label in labels)
    wanted = {part: {label: share * count for label, count in totals.items()} for part, share in shares.items() if share}
    filled: dict[str, Counter[str]] = {part: Counter() for part in wanted}
    dealt = [""] * len(rows.examples)
    for group in _shuffled(members.values(), rows.examples, seed):
        counts = Counter(label for index in group for label in answers[index])
        part = max(wanted, key=lambda part: _need(wanted[part], filled[part], counts))
        filled[part].update(counts)
        for index in group:
            dealt[index] = part
    _require_filled(rows, filled, totals, members.values())
    return dealt, _missed(dealt, shares)


def _shuffled(groups: Iterable[list[int]], examples: Sequence[Example], seed: int) -> list[list[int]]:
    """Groups by chance, larger ones first (by powers of two), so that small ones can even out what large ones leave."""
    draws = [blake2b(f"{seed} {example.id}".encode(), digest_size=16).digest() for example in examples]
    return sorted(groups, key=lambda group: (-len(group).bit_length(), min(draws[index] for index in group)))


def _need(wanted: Mapping[str, float], filled: Mapping[str, int], counts: Mapping[str, int]) -> float:
    """How much of what a part still lacks a group brings, label by label (the divisors of Sainte-Laguë)."""
    return sum(count * (1 - (filled[label] + count / 2) / wanted[label]) for label, count in sorted(counts.items()))


def _require_filled(
    rows: Rows, filled: Mapping[str, Counter[str]], totals: Mapping[str, int], groups: Iterable[Sequence[int]]
) -> None:
    """Every part that was asked for has rows, and rows of every label; or all that is missing is told."""
    one_answer = not scheme(rows.scheme).many
    labels = [label for label in sorted(totals) if label] if one_answer else []
    problems = [f"{part} gets no rows" for part, counts in filled.items() if not counts]
    problems += [
        f"{part} gets none of the {totals[label]:,} rows labelled {label}"
        for part, counts in filled.items()
        for label in labels
        if counts and not counts[label]
    ]
    if problems:
        sizes = [len(group) for group in groups]
        told = f"there are {len(rows.examples):,} rows in {len(sizes):,} groups of kin, the largest of {max(sizes, default=0):,} rows"
        raise DataError(f"{rows.name}: the parts cannot be filled", [*problems, told])


def _parts(examples: Sequence[Example], dealt: Sequence[str]) -> dict[str, tuple[Example, ...]]:
    """The rows of each part, in the order they came."""
    return {part: tuple(example for example, own in zip(examples, dealt, strict=True) if own == part) for part in PARTS}


def _missed(dealt: Sequence[str], shares: Shares) -> list[str]:
    """Parts that whole groups left far from the size they were to have."""
    sizes = Counter(dealt)
    return [
        f"{part}: {sizes[part]:,} of {len(dealt):,} rows, asked for {share:.0%}: groups of kin are not parted"
        for part, share in shares.items()
        if abs(sizes[part] - share * len(dealt)) > max(1.0, SHARE_MISSED * share * len(dealt))
    ]


def _sizes(groups: Sequence[int]) -> str:
    sizes = Counter(groups)
    return f"{len(groups):,} rows in {len(sizes):,} groups of kin, the largest of {max(sizes.values()):,} rows"


def _leaks(dealt: Sequence[str], kin: Kin) -> list[str]:
    """How many rows of dev and test have kin in another part."""
    parts_of: dict[int, set[str]] = {}
    for group, part in zip(kin.groups, dealt, strict=True):
        parts_of.setdefault(group, set()).add(part)
    notes = []
    for part in ("dev", "test"):
        own = [group for group, other in zip(kin.groups, dealt, strict=True) if other == part]
        if leaked := sum(len(parts_of[group]) > 1 for group in own):
            notes.append(f"leaky: {leaked:,} of {len(own):,} {part} rows have kin in another part ({kin.how})")
    return notes


def _left_out(before: Splits, after: Splits) -> list[str]:
    """How many rows each part lost, and to whom they are kin."""
    counts = [("dev", len(before.dev), len(after.dev), "test"), ("train", len(before.train), len(after.train), "dev or test")]
    return [
        f"{part}: {all_ - kept:,} of {all_:,} rows left out, kin of {other}" for part, all_, kept, other in counts if all_ > kept
    ]


def _require_labels_kept(before: Splits, after: Splits) -> None:
    """Leaving kin out may not empty a part, nor take a label from it."""
    problems = []
    for part in ("train", "dev"):
        rows, kept = before.part(part), after.part(part)
        if rows and not kept:
            problems.append(f"{part}: all {len(rows):,} rows are kin of later parts")
        lost = _labels(rows, before.scheme) - _labels(kept, before.scheme) if kept else set()
        problems += [f"{part}: all rows labelled {label} are kin of later parts" for label in sorted(lost)]
    if problems:
        raise DataError(f"{before.name}: nothing would be left without leaks", [*problems, "grouped parts all rows anew"])


def _labels(examples: Iterable[Example], name: str) -> set[str]:
    return {label for example in examples for label in example.labels.get(name, ())}
