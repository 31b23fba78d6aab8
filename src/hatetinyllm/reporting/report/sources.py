"""Where the rows come from, judged and learnt from, under which licences, and what is known to be wrong with them."""

from collections.abc import Iterable, Mapping
from typing import Any

from hatetinyllm.data import DATASETS
from hatetinyllm.data.card import Card
from hatetinyllm.data.dataset import card_of as registered_card
from hatetinyllm.data.licence import LICENCES, UNRECORDED, say_effective
from hatetinyllm.reporting.markup import bullets, facts, folded, grid, link, paragraph, tag, text
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import plural
from hatetinyllm.reporting.table import Column, cells


def sources_of(subject: Subject) -> str:
    """What it was judged on, what it learnt from, the licences of both, and the traps of each."""
    judged, learnt = subject.judgement.judged, learnt_from(subject)
    halves = [
        tag("div", tag("h4", "Judged on"), _judged(subject)),
        tag("div", tag("h4", "Learnt from"), _learnt(learnt, subject) if learnt else paragraph("Not recorded.")),
    ]
    names = list(dict.fromkeys([judged.name, *([str(learnt["name"])] if learnt else [])]))
    known = [trap for name in names for trap in traps_of(name)]
    traps = tag("h4", "Known of these data") + bullets(known) if known else ""
    return tag("div", *halves, class_="pair") + _licences(subject) + traps + folded("Files by their digests", _files(subject))


def learnt_from(subject: Subject) -> Mapping[str, Any]:
    """The bundle's record of its training data, empty where it has none."""
    return subject.judgement.manifest.get("data") or {}


def card_of(name: str) -> Card | None:
    """A dataset's card; data that is registered nowhere has none."""
    return registered_card(name) if name in DATASETS else None


def traps_of(name: str) -> tuple[str, ...]:
    """What a dataset's card warns of."""
    card = card_of(name)
    return card.traps if card else ()


def licence_sentence(subject: Subject) -> str:
    """The effective licence of the trained model, as far as its parts are recorded."""
    base = subject.judgement.manifest.get("base_licence") or ""
    held = learnt_from(subject).get("licences") or [UNRECORDED]
    return say_effective([id if id in LICENCES else UNRECORDED for id in held], [base] if base else [])


def _judged(subject: Subject) -> str:
    judged = subject.judgement.judged
    return facts(
        {
            "Data": _title(judged.name),
            "Part": text(f"{judged.part}, {plural(judged.rows, 'row')}"),
            "Split": text(judged.how),
            "Languages": text(", ".join(judged.languages)),
            "Licence": _names(judged.licences),
            "Digest of the rows": tag("code", text(judged.digest)),
        }
    )


def _learnt(learnt: Mapping[str, Any], subject: Subject) -> str:
    rows = ", ".join(f"{part} {count:,}" for part, count in sorted((learnt.get("rows") or {}).items(), key=_part))
    return facts(
        {
            "Data": _title(str(learnt.get("name", ""))),
            "Rows": text(rows),
            "Split": text(learnt.get("how", "")),
            "Base model": text(base_words(subject)),
            "Licence": _names(learnt.get("licences") or (UNRECORDED,)),
            "Digest of the rows": tag("code", text(learnt.get("digest", ""))),
        }
    )


def base_words(subject: Subject) -> str:
    """The model the weights began from, its revision and licence."""
    manifest = subject.judgement.manifest
    base, model = manifest.get("base") or {}, (manifest.get("model") or {}).get("name", "")
    if not base:
        licence = manifest.get("base_licence") or ""
        return f"{model or 'not recorded'}{f', under {licence}' if licence else ''}"
    told = [
        str(base["source"]),
        f"revision {base['revision']}" if base.get("revision") else "",
        base.get("licence") or "licence not stated",
    ]
    return ", ".join(part for part in told if part)


def _part(item: tuple[str, int]) -> int:
    order = ("train", "dev", "test")
    return order.index(item[0]) if item[0] in order else len(order)


def _title(name: str) -> str:
    card = card_of(name)
    return link(f"{card.title}, version {card.version}", card.source) if card else text(name)


def _names(ids: Iterable[str]) -> str:
    found = [LICENCES.get(id) for id in ids]
    return ", ".join(link(one.name, one.url) if one else text(id) for one, id in zip(found, ids, strict=True))


def _licences(subject: Subject) -> str:
    return paragraph(
        f"What the model's owner must keep to, by the strictest reading of all parts: {licence_sentence(subject)}.", class_="said"
    )


def _files(subject: Subject) -> str:
    judged, learnt = subject.judgement.judged.files, learnt_from(subject).get("files") or {}
    rows = [cells("judged", path, digest) for path, digest in sorted(judged.items())]
    rows += [cells("learnt from", path, digest) for path, digest in sorted(learnt.items())]
    columns = [Column(name=""), Column(name="file"), Column(name="sha256")]
    return grid("Files", columns, rows) if rows else paragraph("No file: the rows are made by the program.")
