"""
HateXplain: posts of Twitter and Gab with the words that made three annotators decide (Mathew et al., 2021).

licence: MIT    languages: en    rows: 19,229, and 919 posts without a majority set aside
source:  https://github.com/hate-alert/HateXplain
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Rejected, Splits

UPSTREAM = "https://raw.githubusercontent.com/hate-alert/HateXplain/01d742279dac941981f53806154481c0e15ee686/Data"
POSTS = File(path="hatexplain/dataset.json", url=f"{UPSTREAM}/dataset.json")
DIVISIONS = File(
    path="hatexplain/post_id_divisions.json",
    url=f"{UPSTREAM}/post_id_divisions.json",
    sha256="c2fb0d89862e7897b11ea3e9380753f15a793482b4b70ad0532dfb1212212835",
)
PARTS = {"train": "train", "val": "dev", "test": "test"}  # upstream's word -> ours

CARD = Card(
    name="hatexplain",
    title="HateXplain: explainable hate speech detection",
    version="AAAI 2021",
    licence="mit",
    languages=("en",),
    source="https://github.com/hate-alert/HateXplain",
    citation="Mathew, Saha, Yimam, Biemann, Goyal, Mukherjee. HateXplain. AAAI 2021.",
    files=(POSTS, DIVISIONS),
    counts={
        "train": {"hate": 4_748, "not_hate": 10_635},
        "dev": {"hate": 593, "not_hate": 1_329},
        "test": {"hate": 594, "not_hate": 1_330},
    },
    verified=False,
    heads=("hate", "offence", "target"),
    traps=(
        "The source has tokens, not the posts: the text is the tokens joined by single spaces.",
        "Offensive posts are not_hate here; the offence head holds hateful and offensive posts together.",
        "Normal posts attack nobody: the people their annotators named stand in `mentions`, and no words are marked.",
        "The repository is under MIT, while the copy on the Hugging Face hub says CC BY 4.0.",
    ),
)


def load() -> Splits:
    """The official parts, by majority of the annotators: label, target and marked words."""
    posts, divisions = fetch(POSTS), fetch(DIVISIONS)
    part_of = {id: PARTS[part] for part, ids in json.loads(divisions.path.read_text(encoding="utf-8")).items() for id in ids}
    parts: dict[str, list[Example]] = {"train": [], "dev": [], "test": []}
    rejected: list[Rejected] = []
    unmarked = 0
    for place, (id, post) in enumerate(json.loads(posts.path.read_text(encoding="utf-8")).items(), start=1):
        label = _majority([annotator["label"] for annotator in post["annotators"]])
        if not label or id not in part_of:
            reason = "is in no official part" if label else "has no majority label"
            rejected.append(Rejected(line=place, reason=f"post {place} {reason}", file=POSTS.path))
            continue
        example = _example(id, post, label[0], place)
        parts[part_of[id]].append(example)
        unmarked += bool(post["rationales"]) and example.spans is None
    notes = [f"{unmarked:,} posts have marks of another length than their tokens, and no spans"] if unmarked else []
    return checked_splits(
        CARD,
        {POSTS.path: posts, DIVISIONS.path: divisions},
        train=parts["train"],
        dev=parts["dev"],
        test=parts["test"],
        rejected=rejected,
        notes=notes,
    )


def _example(id: str, post: Mapping[str, Any], label: str, place: int) -> Example:
    named = [word for annotator in post["annotators"] for word in sorted(set(annotator["target"]))]
    mentions = translate("hatexplain", "target", _majority(named, of=len(post["annotators"])))
    return Example(
        text=" ".join(post["post_tokens"]),
        id=id,
        labels={
            "hate": translate("hatexplain", "hate", label),
            "offence": translate("hatexplain", "offence", label),
            "target": () if label == "normal" else mentions,
        },
        mentions=mentions,
        spans=_spans(post["post_tokens"], post["rationales"]),
        line=place,
    )


def _majority(words: Sequence[str], *, of: int | None = None) -> list[str]:
    """The words that more than half of the annotators said."""
    return [word for word, times in Counter(words).items() if 2 * times > (of or len(words))]


def _spans(tokens: Sequence[str], rationales: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...] | None:
    """The runs of tokens that more than half of the rationales mark, as characters of the joined text."""
    if not rationales or any(len(rationale) != len(tokens) for rationale in rationales):
        return None
    spans: list[tuple[int, int]] = []
    start, goes_on = 0, False
    for token, marks in zip(tokens, zip(*rationales, strict=True), strict=True):
        end = start + len(token)
        marked = 2 * sum(marks) > len(marks)
        if marked:
            spans.append((spans.pop()[0] if goes_on else start, end))
        start, goes_on = end + 1, marked
    return tuple(spans)
