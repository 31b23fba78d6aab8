"""
HaSpeeDe 2: Italian tweets about immigrants, Muslims and Roma, EVALITA 2020 (Sanguinetti et al., 2020).

licence: CC BY-NC-SA 4.0    languages: it    rows: 6,839, the train part
source:  https://github.com/msang/haspeede
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

SOURCE = "https://github.com/msang/haspeede"
TABLE = File(
    path="haspeede2_it/haspeede2_it_train.csv",
    how=f"fill in the organisers' form for the password of haspeede2_dev.zip ({SOURCE}/tree/master/2020), "
    "and save tasks A and B as CSV with id, text, hs, stereotype",
)

CARD = Card(
    name="haspeede2",
    title="HaSpeeDe 2: hate speech and stereotypes in Italian",
    version="EVALITA 2020",
    licence="cc-by-nc-sa-4.0",
    languages=("it",),
    source=SOURCE,
    citation="Sanguinetti, Comandini, Di Nuovo, Frenda, Stranisci, Bosco, Caselli, Patti, Russo. HaSpeeDe 2 @ EVALITA2020. 2020.",
    files=(TABLE,),
    counts={"train": {"hate": 2_766, "not_hate": 4_073}},
    verified=False,
    heads=("hate", "type"),
    traps=(
        "A stereotype is not always hate: in the file at hand, 1,023 of the 3,041 texts with one are not_hate.",
        "The file at hand holds 6,837 of the 6,839 rows; 37 of them repeat the text of another.",
        "The official tests, tweets and news, are with the organisers and are not loaded here.",
    ),
)


def load() -> Splits:
    """The train part; a stereotype is a type of the text, hateful or not."""
    table = fetch(TABLE)
    return checked_splits(CARD, {TABLE.path: table}, train=[_example(row) for row in read_csv(table.path)])


def _example(row: Row) -> Example:
    return Example(
        text=row["text"],
        id=row["id"],
        labels={
            "hate": translate("haspeede2", "hate", row["hs"]),
            "type": translate("haspeede2", "type", row["stereotype"]),
        },
        language="it",
        line=row.line,
    )
