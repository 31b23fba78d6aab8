"""
Toxic Spans: toxic comments with the characters that make them toxic, SemEval-2021 task 5 (Pavlopoulos et al., 2021).

licence: CC0    languages: en    rows: 8,629, without the official test
source:  https://github.com/ipavlopoulos/toxic_spans
"""

import json
from collections.abc import Iterable

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import Fetched, fetch, fetch_if_there
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/ipavlopoulos/toxic_spans/beaf170538df8275c3447b2e26070f2f82e55272/SemEval2021/data"
TRAIN = File(
    path="toxic_spans/tsd_train.csv",
    url=f"{UPSTREAM}/tsd_train.csv",
    sha256="b538ea2d64ed7c306ff8f010a25a5286bef6ce61d469042482ba64efc1ddd6cd",
)
TRIAL = File(
    path="toxic_spans/tsd_trial.csv",
    url=f"{UPSTREAM}/tsd_trial.csv",
    sha256="6bb8e9a16470c0269ac8727fd8bb77df68d8fb27955d9f5ff29ad724505622e8",
)
TEST = File(path="toxic_spans/tsd_test.csv", url=f"{UPSTREAM}/tsd_test.csv")

CARD = Card(
    name="toxic-spans",
    title="Toxic Spans: which words make a comment toxic",
    version="SemEval-2021 task 5",
    licence="cc0-1.0",
    languages=("en",),
    source="https://github.com/ipavlopoulos/toxic_spans",
    citation="Pavlopoulos, Sorensen, Laugier, Androutsopoulos. SemEval-2021 Task 5. SemEval 2021.",
    files=(TRAIN, TRIAL, TEST),
    counts={"train": {"toxic": 7_939}, "dev": {"toxic": 690}},
    scheme="toxicity",
    heads=("toxicity",),
    traps=(
        "Every text is toxic: it cannot train or judge a classifier alone, only explanations.",
        "528 toxic texts have no marked span (485 in train, 43 in dev): the annotators did not agree on any.",
        "8 texts stand in train and in dev. The dev part is the task's trial file.",
    ),
)


def load() -> Splits:
    """The task's files, each text toxic, with the spans its annotators agreed on."""
    train, trial, test = fetch(TRAIN), fetch(TRIAL), fetch_if_there(TEST)
    return checked_splits(
        CARD,
        {TRAIN.path: train, TRIAL.path: trial, TEST.path: test},
        train=_examples("train", train),
        dev=_examples("dev", trial),
        test=_examples("test", test) if test else None,
    )


def _examples(part: str, file: Fetched) -> list[Example]:
    return [_example(row, part) for row in read_csv(file.path)]


def _example(row: Row, part: str) -> Example:
    return Example(
        text=row["text"],
        id=f"{part}-{row.line}",
        labels={"toxicity": ("toxic",)},
        spans=_spans(json.loads(row["spans"])),
        line=row.line,
    )


def _spans(characters: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Single characters, in order, as the runs they form."""
    spans: list[tuple[int, int]] = []
    for character in characters:
        goes_on = bool(spans) and spans[-1][1] == character
        spans.append((spans.pop()[0] if goes_on else character, character + 1))
    return tuple(spans)
