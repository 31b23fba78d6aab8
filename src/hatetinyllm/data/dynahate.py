"""
DynaHate: hate written by people to fool a model, in four rounds, with contrast pairs (Vidgen et al., 2021).

licence: none stated, free to use with citation    languages: en    rows: 41,144
source:  https://github.com/bvidgen/Dynamically-Generated-Hate-Speech-Dataset
"""

import re

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch, fetch_if_there
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = (
    "https://raw.githubusercontent.com/bvidgen/Dynamically-Generated-Hate-Speech-Dataset/dcc7603e13172221a964eaf3f93d9d5460dc4e08"
)
TABLE = File(
    path="dynahate/Dynamically Generated Hate Dataset v0.2.3.csv",
    url=f"{UPSTREAM}/Dynamically%20Generated%20Hate%20Dataset%20v0.2.3.csv",
)
GROUPS = File(path="dynahate/neardup_groups.csv", how="made by this project's own grouping where it is missing")

CARD = Card(
    name="dynahate",
    title="DynaHate: dynamically generated hate speech",
    version="0.2.3",
    licence="citation",
    languages=("en",),
    source="https://github.com/bvidgen/Dynamically-Generated-Hate-Speech-Dataset",
    citation="Vidgen, Thrush, Waseem, Kiela. Learning from the Worst. ACL 2021.",
    files=(TABLE, GROUPS),
    counts={
        "train": {"hate": 17_740, "not_hate": 15_184},
        "dev": {"hate": 2_167, "not_hate": 1_933},
        "test": {"hate": 2_268, "not_hate": 1_852},
    },
    heads=("hate", "type", "target"),
    traps=(
        "In rounds 2 to 4 nearly every row has a partner with the opposite label, and 80 % of those test rows have it in train: "
        "the official split rewards copying. Use official-leakfree or grouped.",
        "Hate of round 1 has no type and no target; a mirror's rebuilt train rows have none in any round.",
        "A mirror's rebuilt file lacks the id of 121 rows of round 1: their row number stands in for it.",
    ),
)
UNANSWERED = {"notgiven", "notargetrecorded", ""}


def load() -> Splits:
    """The official parts; partners, rounds and recorded groups stand in each example."""
    table, recorded = fetch(TABLE), fetch_if_there(GROUPS)
    groups = {row["acl.id"] or row["row"]: row["group"] for row in read_csv(recorded.path)} if recorded else {}
    parts: dict[str, list[Example]] = {"train": [], "dev": [], "test": []}
    for row in read_csv(table.path):
        parts[row["split"]].append(_example(row, groups))
    return checked_splits(
        CARD, {TABLE.path: table, GROUPS.path: recorded}, train=parts["train"], dev=parts["dev"], test=parts["test"]
    )


def _example(row: Row, groups: dict[str, str]) -> Example:
    labels = {"hate": translate("dynahate", "hate", row["label"])}
    for scheme in ("type", "target"):
        words = [word.strip().lower() for word in re.split(r"[,;/]", row[scheme])]
        if not UNANSWERED.issuperset(words):
            labels[scheme] = translate("dynahate", scheme, words)
    id = row["acl.id"] or row[""]
    return Example(
        text=row["text"],
        id=id,
        labels=labels,
        round=row["round.base"] or None,
        perturbed={"original": False, "perturbation": True}.get(row["level"]),
        partners=(row["acl.id.matched"],) if row["acl.id.matched"] else (),
        group=groups.get(id),
        line=row.line,
    )
