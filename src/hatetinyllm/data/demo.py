"""
The demo corpus: templated sentences of the project's own, mild and masked, so that the whole road works offline.

licence: Apache-2.0    languages: en    rows: 2,522
source:  this project, demo_templates.py

Rows are drawn from templates and fillers by a seed. Each row's group is its template: no template of the test part
occurs in train or dev. The two rows of a contrast pair name each other as partners.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from hatetinyllm.data.card import Card
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.demo_templates import DEV, FILLERS, GROUPS, KINDS, TEST, TRAIN
from hatetinyllm.types import Example, Seed, Splits

DRAWS = {"train": 18, "dev": 19, "test": 16}  # of each template
LOWER_CASE_SHARE = 0.15  # of the draws are typed without capitals

CARD = Card(
    name="demo",
    title="Demo: templated sentences written by the project",
    version="1",
    licence="apache-2.0",
    languages=("en",),
    source="this project",
    citation="The HateTinyLLM developers.",
    files=(),
    counts={
        "train": {"hate": 864, "not_hate": 954},
        "dev": {"hate": 133, "not_hate": 171},
        "test": {"hate": 192, "not_hate": 208},
    },
    heads=("hate", "type", "target"),
    traps=("Made up at a desk to show how things work: a result on it says nothing about real hate.",),
)

Template = tuple[str, Mapping[str, str]]


def load(*, seed: Seed = 7) -> Splits:
    """The rows that a seed draws; every seed gives other rows of the same templates, and as many."""
    parts = {"train": TRAIN, "dev": DEV, "test": TEST}
    rows = {part: _rows(templates, part, seed) for part, templates in parts.items()}
    return checked_splits(CARD, {}, train=rows["train"], dev=rows["dev"], test=rows["test"])


def _rows(templates: Sequence[Template], part: str, seed: int) -> list[Example]:
    rows = [row for name, sentences in templates for row in _draw(name, sentences, DRAWS[part], _random(seed, name))]
    _random(seed, part).shuffle(rows)
    return rows


def _random(seed: int, what: str) -> Random:
    return Random(f"{seed} {what}")  # noqa: S311 - the same seed must give the same rows


def _draw(name: str, sentences: Mapping[str, str], draws: int, random: Random) -> Iterator[Example]:
    """The rows of one template; the sentences of a pair share their words, and no text comes twice."""
    seen: set[str] = set()
    number = 0
    while number < draws:
        words = {slot: random.choice(options) for slot, options in FILLERS.items()}
        lower = random.random() < LOWER_CASE_SHARE
        texts = {kind: _fill(sentence, words, lower) for kind, sentence in sentences.items()}
        if seen.isdisjoint(text.lower() for text in texts.values()):
            seen.update(text.lower() for text in texts.values())
            number += 1
            for kind, text in texts.items():
                partners = tuple(f"{name}-{number}-{other}" for other in sentences if other != kind)
                labels = _labels(kind, sentences[kind], words["group"])
                yield Example(text=text, id=f"{name}-{number}-{kind}", labels=labels, partners=partners, group=name, slice=kind)


def _fill(sentence: str, words: Mapping[str, str], lower: bool) -> str:
    filled = sentence.format(**words)
    text = f"{words['before']} {filled[0].upper()}{filled[1:]} {words['after']}".strip()
    return text.lower() if lower else text


def _labels(kind: str, sentence: str, group: str) -> dict[str, tuple[str, ...]]:
    label, types = KINDS[kind]
    target = GROUPS[group] if "{group}" in sentence else "other"
    return {"hate": (label,), "type": types, "target": (target,) if label == "hate" else ()}
