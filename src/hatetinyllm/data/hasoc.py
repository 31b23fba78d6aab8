"""
HASOC: hateful and offensive Hindi posts of Twitter and Facebook, FIRE 2019 (Mandl et al., 2019).

licence: research use, on the organisers' terms    languages: hi    rows: 4,665, the train part
source:  https://hasocfire.github.io/hasoc/2019/

The offence head is task 1; the hate head is HATE of task 2, so offence and profanity without a group attacked are not_hate.
Task 3 is left out: TIN says that somebody is attacked and not whom, which fits no answer of our addressee.
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

SOURCE = "https://hasocfire.github.io/hasoc/2019/"
TABLE = File(
    path="hasoc2019_hi/hasoc2019_hi_train.csv",
    how=f"ask the organisers ({SOURCE}) and save the Hindi train part as CSV with text_id, text, task_1, task_2",
)

CARD = Card(
    name="hasoc",
    title="HASOC: hate speech and offensive content identification, Hindi",
    version="FIRE 2019",
    licence="research",
    languages=("hi",),
    source=SOURCE,
    citation="Mandl, Modha, Majumder, Patel, Dave, Mandlia, Patel. Overview of the HASOC Track at FIRE 2019. FIRE 2019.",
    files=(TABLE,),
    counts={"train": {"not_offensive": 2_196, "offensive": 2_469}},
    scheme="offence",
    heads=("offence", "hate"),
    traps=(
        "Only 556 of the 2,469 offensive rows are hate.",
        "English, German and the official tests exist with the organisers and are not loaded here.",
    ),
)


def load() -> Splits:
    """The Hindi train part."""
    table = fetch(TABLE)
    return checked_splits(CARD, {TABLE.path: table}, train=[_example(row) for row in read_csv(table.path)])


def _example(row: Row) -> Example:
    return Example(
        text=row["text"],
        id=row["text_id"],
        labels={
            "offence": translate("hasoc", "offence", row["task_1"]),
            "hate": translate("hasoc", "hate", row["task_2"]),
        },
        language="hi",
        line=row.line,
    )
