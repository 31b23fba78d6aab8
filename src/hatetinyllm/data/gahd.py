"""
GAHD: German hate written by people to fool a model, in four rounds (Goldzycher et al., 2024).

licence: CC BY 4.0    languages: de    rows: 9,350, without the test part
source:  https://github.com/jagol/gahd
"""

from collections import defaultdict

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/jagol/gahd/2a4e919d5208d99a885824c63583d898d02ca1a1"
TABLE = File(path="gahd/gahd.csv", url=f"{UPSTREAM}/gahd.csv")

CARD = Card(
    name="gahd",
    title="GAHD: German adversarial hate speech dataset",
    version="NAACL 2024",
    licence="cc-by-4.0",
    languages=("de",),
    source="https://github.com/jagol/gahd",
    citation="Goldzycher, Röttger, Schneider. Improving Adversarial Data Collection by Supporting Annotators. NAACL 2024.",
    files=(TABLE,),
    counts={
        "train": {"hate": 3_265, "not_hate": 4_436},
        "dev": {"hate": 709, "not_hate": 940},
    },
    traps=(
        "Contrast pairs cross the parts: of 1,042 in train and dev, 221 have a row in each, and 979 have opposite labels. "
        "Use grouped.",
        "Upstream's file has test rows too; a mirror may lack them, and their counts are unverified.",
        "5 partners are named by an id of another collection, and stand in no row.",
    ),
)


def load() -> Splits:
    """The official parts; the source names a pair at one of its two rows, here both know it."""
    table = fetch(TABLE)
    rows = read_csv(table.path)
    partners: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if other := row["contrastive_gahd_id"]:
            partners[row["gahd_id"]].append(other)
            partners[other].append(row["gahd_id"])
    parts: dict[str, list[Example]] = {"train": [], "dev": [], "test": []}
    for row in rows:
        parts[row["split"]].append(_example(row, partners.get(row["gahd_id"], [])))
    return checked_splits(CARD, {TABLE.path: table}, train=parts["train"], dev=parts["dev"], test=parts["test"])


def _example(row: Row, partners: list[str]) -> Example:
    return Example(
        text=row["text"],
        id=row["gahd_id"],
        labels={"hate": translate("gahd", "hate", row["label"])},
        language="de",
        round=row["round"],
        partners=tuple(partners),
        line=row.line,
    )
