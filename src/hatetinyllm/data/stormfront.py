"""
Stormfront: sentences from a white supremacist forum, as many hate as not (de Gibert et al., 2018).

licence: CC BY-SA 3.0    languages: en    rows: 1,914, without the test part
source:  https://github.com/Vicomtech/hate-speech-dataset
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

TABLE = File(
    path="stormfront/sampled_train.csv",
    how="join sampled_train (one file a sentence) and the labels of annotations_metadata.csv in "
    "github.com/Vicomtech/hate-speech-dataset@b802137e8314c38a8d4faa965f9908d6c8e7a84d into one file "
    "with the columns file_id, text and label",
)

CARD = Card(
    name="stormfront",
    title="Stormfront: hate speech from a white supremacist forum",
    version="ALW2 2018, sampled_train",
    licence="cc-by-sa-3.0",
    languages=("en",),
    source="https://github.com/Vicomtech/hate-speech-dataset",
    citation="de Gibert, Perez, García-Pablos, Cuadros. Hate Speech Dataset from a White Supremacy Forum. ALW2 2018.",
    files=(TABLE,),
    counts={"train": {"hate": 957, "not_hate": 957}},
    traps=(
        "Balanced by sampling: the share of hate says nothing about the forum.",
        "Sentences were judged one by one, and some of them with the rest of the post in view; the post is their group.",
        "Upstream has a test sample too, which is not loaded.",
    ),
)


def load() -> Splits:
    """The balanced train sample; sentences of one post are kin."""
    table = fetch(TABLE)
    return checked_splits(CARD, {TABLE.path: table}, train=[_example(row) for row in read_csv(table.path)])


def _example(row: Row) -> Example:
    post, _, _ = row["file_id"].partition("_")  # a file is named post_sentence
    labels = {"hate": translate("stormfront", "hate", row["label"])}
    return Example(text=row["text"], id=row["file_id"], labels=labels, group=post, line=row.line)
