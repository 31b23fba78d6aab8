"""
CAT: Wikipedia talk comments judged for toxicity with and without the comment they answer (Pavlopoulos et al., 2020).

licence: Apache-2.0    languages: en    rows: 19,913 (9,913 to train on, 10,000 to judge)
source:  https://github.com/ipavlopoulos/context_toxicity
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Rejected, Splits

UPSTREAM = (
    "https://raw.githubusercontent.com/ipavlopoulos/context_toxicity/5df49c294e6a41f0ba351e65fda7c315aa4cc168/data/CAT_LARGE"
)
ALONE = File(
    path="cat/gn.csv",
    url=f"{UPSTREAM}/gn.csv",
    sha256="def84ddcff46dfd628e3d37c9c81b9cb81d7cf35e82197212a5758c0d24fb667",
)
WITH_PARENT = File(
    path="cat/gc.csv",
    url=f"{UPSTREAM}/gc.csv",
    sha256="7939002c35bfdaf4c406e8fb7e206dfe5a6801b24f60bf6faa51442a26701dea",
)

CARD = Card(
    name="cat",
    title="CAT: context and toxicity on Wikipedia talk pages",
    version="CAT_LARGE",
    licence="apache-2.0",
    languages=("en",),
    source="https://github.com/ipavlopoulos/context_toxicity",
    citation="Pavlopoulos, Sorensen, Dixon, Thain, Androutsopoulos. Toxicity Detection: Does Context Really Matter? ACL 2020.",
    files=(ALONE, WITH_PARENT),
    counts={
        "train": {"not_toxic": 9_854, "toxic": 59},
        "test": {"not_toxic": 9_849, "toxic": 151},
    },
    scheme="toxicity",
    heads=("toxicity",),
    traps=(
        "Fewer than 1 % of the train rows and 2 % of the test rows are toxic: accuracy says nothing here.",
        "The parts were judged differently: train without the parent comment in view, test with it. Only test rows carry it.",
        "87 comments of gn.csv stand in gc.csv too, apart from capitals and spaces: they are set aside from train.",
    ),
)


def load() -> Splits:
    """Train on what was judged alone, test on what was judged in context; no text stands in both."""
    alone, with_parent = fetch(ALONE), fetch(WITH_PARENT)
    test = [_example(row) for row in read_csv(with_parent.path)]
    judged = {_plain(example.text) for example in test}
    rows = read_csv(alone.path)
    train = [_example(row) for row in rows if _plain(row["text"]) not in judged]
    rejected = [
        Rejected(line=row.line, reason="the text stands in gc.csv, which is kept for judging", file=ALONE.path)
        for row in rows
        if _plain(row["text"]) in judged
    ]
    fetched = {ALONE.path: alone, WITH_PARENT.path: with_parent}
    notes = [f"{len(rejected):,} rows of {ALONE.path} stand in {WITH_PARENT.path} too and are left out of train"]
    return checked_splits(CARD, fetched, train=train, test=test, rejected=rejected, notes=notes)


def _plain(text: str) -> str:
    """What two copies of a comment have in common."""
    return " ".join(text.split()).lower()


def _example(row: Row) -> Example:
    return Example(
        text=row["text"],
        id=row["id"],
        labels={"toxicity": translate("cat", "toxicity", row["label"])},
        context=row["parent"] or None,
        score=float(row["api"]),  # the Perspective API's toxicity, asked in 2020
        line=row.line,
    )
