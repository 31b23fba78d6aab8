"""
Civil Comments: news comments with the share of readers who found them toxic (Borkan et al., 2019).

licence: CC0    languages: en    rows: 1,804,874 train
source:  https://www.kaggle.com/c/jigsaw-unintended-bias-in-toxicity-classification

A share of half or more makes a label. The hate head is `identity_attack`: the readers were asked for hateful or negative
remarks aimed at an identity, which is our question in other words. The identity columns say who is mentioned, praised or
attacked alike, so they fill `mentions` and there is no target head.
"""

from dataclasses import replace
from itertools import islice

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, stream_csv
from hatetinyllm.labels import SOURCES, translate
from hatetinyllm.types import Count, Example, Splits

SOURCE = "https://www.kaggle.com/c/jigsaw-unintended-bias-in-toxicity-classification"
TRAIN = File(path="civil_comments/train.csv", how=f"download train.csv with a Kaggle account: {SOURCE}/data")
IDENTITIES = tuple(SOURCES["civil-comments"]["target"])
HALF = 0.5

CARD = Card(
    name="civil-comments",
    title="Civil Comments: Jigsaw unintended bias in toxicity classification",
    version="Kaggle 2019",
    licence="cc0-1.0",
    languages=("en",),
    source=SOURCE,
    citation="Borkan, Dixon, Sorensen, Thain, Vasserman. Nuanced Metrics for Measuring Unintended Bias. WWW 2019.",
    files=(TRAIN,),
    counts={"train": {"not_toxic": 1_660_540, "toxic": 144_334}},
    scheme="toxicity",
    verified=False,
    heads=("toxicity", "hate"),
    traps=(
        "All of it needs gigabytes of memory: give `limit` for a first look.",
        "Labels are cut at half of the readers; rows near the cut are a matter of taste.",
        "A minority of the rows was asked for identities: an empty `mentions` may mean that nobody asked.",
    ),
)


def load(
    *,
    limit: Count | None = None,  # the first rows only, as many as this
) -> Splits:
    """The train file, row by row; a limited load is not held against the card's counts."""
    table = fetch(TRAIN)
    train = [_example(row) for row in islice(stream_csv(table.path), limit)]
    if limit is None:
        return checked_splits(CARD, {TRAIN.path: table}, train=train)
    notes = [f"the first {len(train):,} rows only, as limit={limit} asks"]
    return checked_splits(replace(CARD, counts={}), {TRAIN.path: table}, train=train, notes=notes)


def _example(row: Row) -> Example:
    mentioned = [column for column in IDENTITIES if float(row[column] or 0) >= HALF]
    return Example(
        text=row["comment_text"],
        id=row["id"],
        labels={
            "toxicity": ("toxic",) if float(row["target"]) >= HALF else ("not_toxic",),
            "hate": ("hate",) if float(row["identity_attack"]) >= HALF else ("not_hate",),
        },
        mentions=translate("civil-comments", "target", mentioned),
        line=row.line,
    )
