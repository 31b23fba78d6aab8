"""
Davidson: tweets called hate, offensive or neither by a crowd (Davidson et al., 2017).

licence: MIT    languages: en    rows: 24,783
source:  https://github.com/t-davidson/hate-speech-and-offensive-language
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = (
    "https://raw.githubusercontent.com/t-davidson/hate-speech-and-offensive-language/cb50f7e9eb855a99abc51423bf40df0e26d6fe30"
)
TABLE = File(
    path="davidson/labeled_data.csv",
    url=f"{UPSTREAM}/data/labeled_data.csv",
    sha256="fcb8bc7c68120ae4af04a5b9acd58585513ede11e1548ebf36a5c2040b6f6281",
)

CARD = Card(
    name="davidson",
    title="Davidson: hate speech and offensive language",
    version="ICWSM 2017",
    licence="mit",
    languages=("en",),
    source="https://github.com/t-davidson/hate-speech-and-offensive-language",
    citation="Davidson, Warmsley, Macy, Weber. Automated Hate Speech Detection. ICWSM 2017.",
    files=(TABLE,),
    counts={"train": {"hate": 1_430, "not_hate": 23_353}},
    heads=("hate", "offence", "toxicity"),
    traps=(
        "No official split: all rows are train.",
        "Of the rows that are not hate, 19,190 are offensive and 4,163 neither: hate and offence are two questions here.",
        "Toxicity answers as offence does. Rows were found by a list of hard words, some of which friends use with each other.",
        "917 texts have line breaks; many open with a retweet mark or carry HTML entities. The loader changes none of them.",
    ),
)


def load() -> Splits:
    """All rows as train, each with the majority's answer for hate, for offence and for toxicity."""
    table = fetch(TABLE)
    return checked_splits(CARD, {TABLE.path: table}, train=[_example(row) for row in read_csv(table.path)])


def _example(row: Row) -> Example:
    labels = {scheme: translate("davidson", scheme, row["class"]) for scheme in CARD.heads}
    return Example(text=row["tweet"], id=row[""], labels=labels, line=row.line)
