"""
A model card in Markdown with the Hub's metadata, checked by machine: a card that lacks a required field is no card.

Everything measured comes from judgements; what only a person can say comes from a small file (about.py). What was not
measured is said to be so, and what must not be missing is listed with the way to fill it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatetinyllm.data.licence import UNRECORDED, effective_licence
from hatetinyllm.errors import DataError
from hatetinyllm.reporting.card_fields import FIELDS, Field
from hatetinyllm.reporting.front_matter import front_matter
from hatetinyllm.reporting.report.compared import systems_of
from hatetinyllm.reporting.report.sources import card_of, learnt_from
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.table import escaped
from hatetinyllm.types import Result

MADE_BY = "<!-- made by hatetinyllm report -->"
# ids of the Hub for licences that go by the same name there
HUB_LICENCES = (
    "apache-2.0",
    "mit",
    "cc0-1.0",
    "cc-by-4.0",
    "cc-by-sa-3.0",
    "cc-by-sa-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "llama3.2",
    "gemma",
)
NEEDED_METADATA = ("language", "license", "pipeline_tag", "datasets", "metrics", "model-index")
HOW_METADATA = {"language": "the judged data names no language", "datasets": "the judgement names no data"}


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """A card as data: its title, its metadata, and its fields by heading; an empty text is a field nobody filled."""

    title: str
    metadata: Mapping[str, Any]
    fields: Mapping[str, str]


def model_card(subjects: Sequence[Subject], about: Mapping[str, str]) -> ModelCard:
    """The card of one model, judged on one part or several, once or with several seeds."""
    if len(systems_of(subjects)) > 1 and len({one.judgement.identity for one in subjects}) > 1:
        names = ", ".join(dict.fromkeys(one.judgement.name for one in subjects))
        raise DataError("a card is of one model, and these judgements are of several", [names])
    title = about.get("title") or subjects[0].judgement.name
    return ModelCard(
        title=title,
        metadata=metadata_of(title, subjects, about),
        fields={field.heading: field.made(subjects, about) for field in FIELDS},
    )


def missing_fields(card: ModelCard) -> list[str]:
    """Every required field that is empty, each with the way to fill it."""
    missing = [f"{one.heading}: {one.fill}" for one in FIELDS if one.required and not card.fields.get(one.heading, "").strip()]
    return missing + [
        f"metadata {key}: {HOW_METADATA.get(key, 'empty')}" for key in NEEDED_METADATA if not card.metadata.get(key)
    ]


def card_markdown(card: ModelCard) -> str:
    """The card's text; one with a required field empty is refused."""
    if missing := missing_fields(card):
        raise DataError("the model card lacks what it must say", missing)
    blocks = [front_matter(card.metadata) + f"{MADE_BY}\n\n# {escaped(card.title)}"]
    blocks += [f"## {one.heading}\n\n{_said(one, card)}" for one in FIELDS]
    return "\n\n".join(blocks) + "\n"


def metadata_of(title: str, subjects: Sequence[Subject], about: Mapping[str, str]) -> dict[str, Any]:
    """The Hub's metadata."""
    base = (subjects[0].judgement.manifest.get("base") or {}).get("source", "")
    judged = [one.judgement.judged for one in subjects]
    learnt = [str(learnt_from(one).get("name") or "") for one in subjects]
    return {
        "language": sorted({language for one in judged for language in one.languages}),
        **_licence(subjects, about),
        "library_name": "hatetinyllm",
        "pipeline_tag": "text-classification",
        "base_model": about.get("base_model") or (base if base.count("/") == 1 and not base.startswith((".", "/")) else ""),
        "datasets": [name for name in dict.fromkeys([*learnt, *(one.name for one in judged)]) if name],
        "metrics": ["f1", "accuracy", "roc_auc"],
        "tags": ["hate-speech", "content-moderation", "hatetinyllm"],
        "model-index": [{"name": title, "results": [_entry(one) for one in subjects]}],
    }


def _said(field: Field, card: ModelCard) -> str:
    return card.fields[field.heading].strip() or field.silent


def _licence(subjects: Sequence[Subject], about: Mapping[str, str]) -> dict[str, str]:
    """The owner's word, or the one licence of all parts where the Hub knows it; else the card's own section is named."""
    if about.get("licence"):
        return {"license": about["licence"]}
    base = str(subjects[0].judgement.manifest.get("base_licence") or "")
    held = [str(id) for one in subjects for id in learnt_from(one).get("licences") or (UNRECORDED,)]
    whole = {*held, *([base] if base else [])}
    if len(whole) == 1 and (only := next(iter(whole))) in HUB_LICENCES:
        return {"license": only}
    allowed = effective_licence([id for id in held if id in HUB_LICENCES]).commercial is not False
    return {"license": "other", "license_name": "see-data-and-licences" if allowed else "non-commercial-see-data-and-licences"}


def _entry(subject: Subject) -> dict[str, Any]:
    judged, result = subject.judgement.judged, subject.judgement.result
    card = card_of(judged.name)
    return {
        "task": {"type": "text-classification", "name": f"{subject.judgement.head.name}, positive label {subject.positive}"},
        "dataset": {
            "name": f"{card.title if card else judged.name} ({judged.how})",
            "type": judged.name,
            "split": judged.part,
            "revision": judged.digest,
        },
        "metrics": _metrics(result),
    }


def _metrics(result: Result) -> list[dict[str, Any]]:
    named = {
        "macro_f1": ("f1", "macro-F1"),
        f"f1_{result.positive}": ("f1", f"F1 of {result.positive}"),
        "accuracy": ("accuracy", "accuracy"),
        "auroc": ("roc_auc", "AUROC"),
    }
    found = []
    for metric, (kind, name) in named.items():
        value, between = result.metrics.get(metric), result.intervals.get(metric)
        if value is not None:
            said = f"{name} [95 %: {between.low:.3f} to {between.high:.3f}]" if between else name
            found.append({"type": kind, "name": said, "value": float(value)})
    return found
