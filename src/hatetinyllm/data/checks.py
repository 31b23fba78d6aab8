"""What is checked of a dataset when it is loaded: its labels, its counts against the card, and the digest of its rows."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from hatetinyllm.data.card import Card
from hatetinyllm.data.fetch import Fetched
from hatetinyllm.errors import DataError
from hatetinyllm.labels import SCHEMES
from hatetinyllm.types import PARTS, Example, Rejected, Splits


def count_labels(splits: Splits) -> dict[str, dict[str, int]]:
    """Rows by part and by label of the scheme the splits are about; parts without rows are left out."""
    counts: dict[str, dict[str, int]] = {}
    for part in PARTS:
        found = Counter(", ".join(example.labels.get(splits.scheme, ())) for example in splits.part(part))
        if found:
            counts[part] = dict(sorted(found.items()))
    return counts


def checked_splits(
    card: Card,
    fetched: Mapping[str, Fetched | None],
    *,
    train: list[Example] | None = None,
    dev: list[Example] | None = None,
    test: list[Example] | None = None,
    rejected: list[Rejected] | None = None,
    notes: Iterable[str] = (),
) -> Splits:
    """
    The splits of a dataset, held against its card.

    A count that differs is an error where the files are the source's own, and a note where one is a mirror's variant. A
    file that is None is not here, and a part of which the card says nothing cannot be checked: both are noted.
    """
    files = {path: file for path, file in fetched.items() if file}
    splits = Splits(
        name=card.name,
        train=tuple(train or ()),
        dev=tuple(dev or ()),
        test=tuple(test or ()),
        scheme=card.scheme,
        rejected=tuple(rejected or ()),
        files={path: file.sha256 for path, file in files.items()},
        licences=(card.licence,),
    )
    check_labels(splits)
    found = count_labels(splits)
    notes = [*notes, *(file.note for file in files.values() if file.note)]
    notes += [f"{path}: not here, so what it holds is left out" for path in fetched if path not in files]
    notes += [
        f"{part}: {len(splits.part(part)):,} rows, unverified: the card states none" for part in found if part not in card.counts
    ]
    problems = _differences(card, found)
    if problems and all(file.exact for file in files.values()) and card.verified:
        raise DataError(f"{card.name}: the rows are not the ones its card states", problems)
    notes += problems
    if card.counts and not card.verified:
        notes.append(f"{card.name}: the card's counts are unverified")
    return Splits(**{**vars(splits), "notes": tuple(notes)})


def check_labels(splits: Splits) -> None:
    """Every label of every example belongs to a scheme, and one-answer schemes have one answer at most."""
    problems = []
    for example in splits.rows():
        for name, labels in example.labels.items():
            scheme = SCHEMES.get(name)
            if scheme is None:
                problems.append(f"row {example.id}: there is no scheme {name!r}")
            elif unknown := [label for label in labels if label not in scheme.labels]:
                problems.append(f"row {example.id}: {unknown[0]!r} is no label of {name}")
            elif len(labels) > 1 and not scheme.many:
                problems.append(f"row {example.id}: {name} has one answer, got {', '.join(labels)}")
    if problems:
        raise DataError(f"{splits.name}: {len(problems)} labels are wrong", problems[:20])


def _differences(card: Card, found: dict[str, dict[str, int]]) -> list[str]:
    """Where the counts differ from the card's, one line each."""
    problems = []
    for part, stated in card.counts.items():
        seen = found.get(part, {})
        for label in sorted({*stated, *seen}):
            if stated.get(label, 0) != seen.get(label, 0):
                name = label or "(no label)"
                problems.append(f"{part}: {seen.get(label, 0):,} rows are {name}, the card states {stated.get(label, 0):,}")
    return problems


def digest_rows(splits: Splits) -> str:
    """The digest of all rows in their order, so that two files of one version can be told to be the same."""
    digest = sha256()
    for part in PARTS:
        for example in splits.part(part):
            labels = {name: list(answers) for name, answers in sorted(example.labels.items())}
            digest.update(json.dumps([part, example.id, example.text, labels]).encode("utf-8") + b"\n")
    return digest.hexdigest()


def digest_part(splits: Splits, part: str) -> str:
    """The digest of one part's rows."""
    train, dev, test = (splits.part(name) if name == part else () for name in PARTS)
    return digest_rows(replace(splits, train=train, dev=dev, test=test))
