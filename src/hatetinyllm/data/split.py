"""
The ways to part a dataset's rows into train, dev and test.

`official` and `official-leakfree` start from the source's own parts, `random` and `grouped` from all its rows. Chance is
a digest of the seed and a row's id: the same rows part the same way in any order, process or version of a library.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Literal

from hatetinyllm.data.kin import Kin, find_kin, threshold_problem
from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.labels import scheme
from hatetinyllm.types import PARTS, Example, Seed, Share, Splits

SHARE_MISSED = 0.1  # a part that is further than this from the size it was to have is told of

Shares = Mapping[str, float]


def official(
    splits: Splits,
    *,
    seed: Seed = 42,  # another seed carves another part
    test_share: Share = 0.2,  # of train, carved where the source has no test part; 0 carves none
    dev_share: Share = 0.1,  # of train, carved where the source has no dev part; 0 carves none
    threshold: float = 0.7,  # character cosine from which texts are kin, kept together when a part is carved
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """The source's own parts; a dev or test part it does not have is carved from train."""
    shares = _shares(splits, seed, test_share, dev_share, threshold)
    own = replace(splits, how="official")
    if not _missing(own, shares):
        return own
    kin = find_kin(own.train, threshold=threshold, near_duplicates=near_duplicates)
    return _carved(own, kin, shares, seed)


def random(
    splits: Splits,
    *,
    parts: tuple[str, ...] = ("train", "dev", "test"),  # the source's parts whose rows are taken
    seed: Seed = 42,  # another seed parts the rows another way
    test_share: Share = 0.2,  # of all rows
    dev_share: Share = 0.1,  # of all rows
    threshold: float = 0.7,  # character cosine from which texts are kin, counted in the note on leaks
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """All rows by chance, stratified by label; kin are parted, and a note counts them."""
    shares = _shares(splits, seed, test_share, dev_share, threshold, parts)
    rows, left = _taken(splits, parts)
    dealt = _deal(splits, rows, range(len(rows)), shares, seed)
    kin = find_kin(rows, threshold=threshold, near_duplicates=near_duplicates)
    how = f"random (test {test_share:g}, dev {dev_share:g}, seed {seed})"
    return _with_parts(splits, rows, dealt, how=how, notes=[*left, *_leaks(dealt, kin)])


def grouped(
    splits: Splits,
    *,
    parts: tuple[str, ...] = ("train", "dev", "test"),  # the source's parts whose rows are taken
    seed: Seed = 42,  # another seed parts the groups another way
    test_share: Share = 0.2,  # of all rows, as near as whole groups come to it
    dev_share: Share = 0.1,  # of all rows, as near as whole groups come to it
    threshold: float = 0.7,  # character cosine from which texts are kin
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """All rows by chance, in whole groups of kin, labels balanced as far as groups allow."""
    shares = _shares(splits, seed, test_share, dev_share, threshold, parts)
    rows, left = _taken(splits, parts)
    kin = find_kin(rows, threshold=threshold, near_duplicates=near_duplicates)
    dealt = _deal(splits, rows, kin.groups, shares, seed)
    how = f"grouped (test {test_share:g}, dev {dev_share:g}, seed {seed}; {kin.how})"
    return _with_parts(splits, rows, dealt, how=how, notes=[*left, _sizes(kin.groups), *_missed(dealt, shares)])


def official_leakfree(
    splits: Splits,
    *,
    seed: Seed = 42,  # another seed carves another part, where the source lacks one
    test_share: Share = 0.2,  # of train, carved where the source has no test part; 0 carves none
    dev_share: Share = 0.1,  # of train, carved where the source has no dev part; 0 carves none
    threshold: float = 0.7,  # character cosine from which texts are kin
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them where no groups are recorded
) -> Splits:
    """The official test part untouched; kin of test leave dev, kin of test or dev leave train."""
    shares = _shares(splits, seed, test_share, dev_share, threshold)
    rows = tuple(splits.rows())
    kin = find_kin(rows, threshold=threshold, near_duplicates=near_duplicates)
    group_of = {example.id: group for example, group in zip(rows, kin.groups, strict=True)}
    held = {group_of[example.id] for example in splits.test}
    dev = tuple(example for example in splits.dev if group_of[example.id] not in held)
    # Of dev, the rows that stay are enough: kin of a row that left are kin of test.
    held |= {group_of[example.id] for example in dev}
    train = tuple(example for example in splits.train if group_of[example.id] not in held)
    clean = replace(splits, train=train, dev=dev, how="official-leakfree")
    _require_labels_kept(splits, clean)
    clean = replace(clean, notes=(*splits.notes, *_left_out(splits, clean)))
    if not _missing(clean, shares):
        return replace(clean, how=f"{clean.how} ({kin.how})")
    return _carved(clean, Kin(groups=tuple(group_of[example.id] for example in train), how=kin.how), shares, seed)


def _shares(
    splits: Splits, seed: int, test_share: float, dev_share: float, threshold: float, parts: Sequence[str] = PARTS
) -> Shares:
    """The share of each part; all that is wrong with the options at once."""
    problems = [
        f"{name} is {share:g}, expected from 0 to below 1"
        for name, share in (("test_share", test_share), ("dev_share", dev_share))
        if not 0 <= share < 1
    ]
    if not problems and test_share + dev_share >= 1:
        problems.append(f"test_share {test_share:g} and dev_share {dev_share:g} leave nothing to train on")
    if seed < 0:
        problems.append(f"seed is {seed}, expected 0 or more")
    if problem := threshold_problem(threshold):
        problems.append(problem)
    problems += [f"there is no part {part!r} ({did_you_mean(part, PARTS)})" for part in parts if part not in PARTS]
    if problems:
        raise DataError(f"{splits.name} cannot be parted as asked", problems)
    return {"train": 1 - test_share - dev_share, "dev": dev_share, "test": test_share}


def _taken(splits: Splits, parts: Sequence[str]) -> tuple[tuple[Example, ...], list[str]]:
    """The rows of the parts that are asked for, and a note on each part that is not."""
    rows = tuple(example for part in PARTS if part in parts for example in splits.part(part))
    left = [part for part in PARTS if part not in parts and splits.part(part)]
    return rows, [f"{part}: the source's {len(splits.part(part)):,} rows are not taken" for part in left]


def _missing(splits: Splits, shares: Shares) -> list[str]:
    """The parts that are asked for and not there; without train there is nothing to carve them from."""
    return [part for part in ("dev", "test") if shares[part] and not splits.part(part)] if splits.train else []


def _carved(splits: Splits, kin: Kin, shares: Shares, seed: int) -> Splits:
    """Splits whose missing parts are made of train rows, kin kept together."""
    wanted = {part: shares[part] for part in _missing(splits, shares)}
    all_shares = {"train": 1 - sum(wanted.values()), **wanted}
    dealt = _deal(splits, splits.train, kin.groups, all_shares, seed)
    made = _with_parts(splits, splits.train, dealt, how="", notes=_missed(dealt, all_shares))
    told = [f"{part}: the source has none here, so {len(made.part(part)):,} rows were carved from train" for part in wanted]
    asked = ", ".join(f"{part} {share:g} of train" for part, share in wanted.items())
    return replace(
        made,
        dev=made.dev if "dev" in wanted else splits.dev,
        test=made.test if "test" in wanted else splits.test,
        how=f"{splits.how} (carved {asked}, seed {seed}; {kin.how})",
        notes=(*made.notes, *told),
    )


def _deal(splits: Splits, rows: Sequence[Example], groups: Sequence[int], shares: Shares, seed: int) -> list[str]:
    """The part of each row, groups whole; parts that cannot be filled are an error."""
    members: dict[int, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    answers = [example.labels.get(splits.scheme) or ("",) for example in rows]
    totals = Counter(label for labels in answers for label in labels)
    wanted = {part: {label: share * count for label, count in totals.items()} for part, share in shares.items() if share}
    filled: dict[str, Counter[str]] = {part: Counter() for part in wanted}
    dealt = [""] * len(rows)
    for kin in _shuffled(members.values(), rows, seed):
        counts = Counter(label for index in kin for label in answers[index])
        needs = {part: _need(wanted[part], filled[part], counts) for part in wanted}
        part = max(needs, key=lambda name: needs[name])
        filled[part].update(counts)
        for index in kin:
            dealt[index] = part
    if problems := _unfilled(splits, filled, totals):
        told = [f"there are {_sizes(groups)}", "a larger share, or none (0), may help"]
        raise DataError(f"{splits.name}: the parts cannot be filled", [*problems, *told])
    return dealt


def _shuffled(groups: Iterable[list[int]], rows: Sequence[Example], seed: int) -> list[list[int]]:
    """Groups by chance, larger ones first (by powers of two), so that small ones even out what large ones leave."""
    draws = [blake2b(f"{seed} {example.id}".encode(), digest_size=16).digest() for example in rows]
    return sorted(groups, key=lambda group: (-len(group).bit_length(), min(draws[index] for index in group)))


def _need(wanted: Mapping[str, float], filled: Mapping[str, int], counts: Mapping[str, int]) -> float:
    """How much of what a part still lacks a group brings, label by label (the divisors of Sainte-Laguë)."""
    return sum(count * (1 - (filled[label] + count / 2) / wanted[label]) for label, count in sorted(counts.items()))


def _unfilled(splits: Splits, filled: Mapping[str, Mapping[str, int]], totals: Mapping[str, int]) -> list[str]:
    """What the parts lack: rows, or rows of a label, where each row has one."""
    problems = [f"{part} gets no rows" for part, counts in filled.items() if not counts]
    for part, counts in filled.items():
        for label in sorted(totals) if counts and not scheme(splits.scheme).many else ():
            if label and label not in counts:
                problems.append(f"{part} gets no row labelled {label}, of {totals[label]:,}")
    return problems


def _with_parts(splits: Splits, rows: Sequence[Example], dealt: Sequence[str], *, how: str, notes: Iterable[str]) -> Splits:
    """Splits of these rows alone, each part in the order the rows came."""
    of: dict[str, list[Example]] = {"train": [], "dev": [], "test": []}
    for example, part in zip(rows, dealt, strict=True):
        of[part].append(example)
    told = (*splits.notes, *notes)
    return replace(splits, train=tuple(of["train"]), dev=tuple(of["dev"]), test=tuple(of["test"]), how=how, notes=told)


def _missed(dealt: Sequence[str], shares: Shares) -> list[str]:
    """Parts that whole groups left far from the size they were to have."""
    sizes, rows = Counter(dealt), len(dealt)
    return [
        f"{part}: {sizes[part]:,} of {rows:,} rows where {share:.0%} were asked for: groups of kin are not parted"
        for part, share in shares.items()
        if abs(sizes[part] - share * rows) > max(1.0, SHARE_MISSED * share * rows)
    ]


def _sizes(groups: Sequence[int]) -> str:
    sizes = Counter(groups)
    return f"{len(groups):,} rows in {len(sizes):,} groups, the largest of {max(sizes.values(), default=0):,} rows"


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
    notes = []
    for part, others in (("dev", "test"), ("train", "dev or test")):
        rows, kept = len(before.part(part)), len(after.part(part))
        if kept < rows:
            notes.append(f"{part}: {rows - kept:,} of {rows:,} rows left out, kin of {others}")
    return notes


def _require_labels_kept(before: Splits, after: Splits) -> None:
    """Leaving kin out may not empty a part, nor take a label from it."""
    problems = []
    for part, others in (("train", "dev or test"), ("dev", "test")):
        rows, kept = before.part(part), after.part(part)
        if rows and not kept:
            problems.append(f"{part}: all {len(rows):,} rows are kin of {others}")
            continue
        lost = _labels(rows, before.scheme) - _labels(kept, before.scheme)
        problems += [f"{part}: all rows labelled {label} are kin of {others}" for label in sorted(lost)]
    if problems:
        raise DataError(
            f"{before.name}: too little is left without leaks", [*problems, "the split `grouped` parts all rows anew"]
        )


def _labels(rows: Iterable[Example], name: str) -> set[str]:
    return {label for example in rows for label in example.labels.get(name, ())}
