"""
Measuring Hate Speech: comments with a hate score, here a binary subset with cleaned text (Kennedy et al., 2020).

licence: CC BY 4.0    languages: en    rows: 21,192, without the subset's test part
source:  https://huggingface.co/datasets/ucberkeley-dlab/measuring-hate-speech
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

TABLE = File(
    path="measuring_hate_speech/measuring_hate_speech_subset.csv",
    how="join the dev and train samples of Kennedy et al. in "
    "github.com/paul-rottger/efficient-low-resource-hate-detection@3228efa0 "
    "into one file with the columns text, label (1 or 0) and split (train or dev)",
)

CARD = Card(
    name="measuring-hate-speech",
    title="Measuring Hate Speech: a binary subset",
    version="subset of Röttger et al., EMNLP 2022",
    licence="cc-by-4.0",
    languages=("en",),
    source="https://huggingface.co/datasets/ucberkeley-dlab/measuring-hate-speech",
    citation="Kennedy, Bacon, Sahn, von Vacano. Constructing interval variables via faceted Rasch measurement. 2020.",
    files=(TABLE,),
    counts={
        "train": {"hate": 10_374, "not_hate": 10_318},
        "dev": {"hate": 233, "not_hate": 267},
    },
    traps=(
        "A subset: its continuous score was cut into two labels, its classes balanced and its text cleaned by others. "
        "Its share of hate says nothing about the source.",
        "The subset's test part is not here.",
        "Rows have no ids of their own: the row number is the id. Three texts stand twice.",
    ),
)


def load() -> Splits:
    """The subset's train and dev rows."""
    table = fetch(TABLE)
    parts: dict[str, list[Example]] = {"train": [], "dev": []}
    for number, row in enumerate(read_csv(table.path), start=1):
        parts[row["split"]].append(_example(row, number))
    return checked_splits(CARD, {TABLE.path: table}, train=parts["train"], dev=parts["dev"])


def _example(row: Row, number: int) -> Example:
    labels = {"hate": translate("measuring-hate-speech", "hate", row["label"])}
    return Example(text=row["text"], id=str(number), labels=labels, line=row.line)
