"""
ConvAbuse: what people say to a chatbot, judged by several annotators each (Cercas Curry et al., 2021).

licence: CC BY 4.0    languages: en    rows: 3,332, without the test part
source:  https://github.com/amandacurry/convabuse
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import Fetched, fetch, fetch_if_there
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.errors import DataError
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/amandacurry/convabuse/c0a9469f48956e868276c605d499010ea3c7c0d0/2_splits"
TRAIN = File(
    path="convabuse/ConvAbuseEMNLPtrain.csv",
    url=f"{UPSTREAM}/ConvAbuseEMNLPtrain.csv",
    sha256="23abab3eff791d0e8cac681cec15a5ef299ed052699e4fca762d1d4640c36936",
)
VALID = File(
    path="convabuse/ConvAbuseEMNLPvalid.csv",
    url=f"{UPSTREAM}/ConvAbuseEMNLPvalid.csv",
    sha256="a28bc3083fe3ea305b8c417539a20fda7e68057dc06365507b85c46b60e65443",
)
TEST = File(path="convabuse/ConvAbuseEMNLPtest.csv", url=f"{UPSTREAM}/ConvAbuseEMNLPtest.csv")

CARD = Card(
    name="convabuse",
    title="ConvAbuse: abuse of chatbots, with what they said before",
    version="EMNLP 2021",
    licence="cc-by-4.0",
    languages=("en",),
    source="https://github.com/amandacurry/convabuse",
    citation="Cercas Curry, Abercrombie, Rieser. ConvAbuse. EMNLP 2021.",
    files=(TRAIN, VALID, TEST),
    counts={
        "train": {"not_toxic": 2_164, "toxic": 337},
        "dev": {"not_toxic": 719, "toxic": 112},
    },
    scheme="toxicity",
    heads=("toxicity",),
    traps=(
        "Toxic is what more than half of the annotators call abuse, mild or strong; 80 rows of train and 29 of dev are even, "
        "and stand as not_toxic.",
        "293 of the 831 dev rows are of a conversation that has rows in train: the split `grouped` keeps conversations whole.",
        "Most abuse is at the bot, so sexist words here attack no people: the rows answer neither hate nor target.",
        "Half of the texts are shorter than a dozen characters, and 319 of dev stand in train, apart from capitals.",
    ),
)
ANNOTATORS = range(1, 9)
SEVERITIES = ("1", "0", "-1", "-2", "-3")


def load() -> Splits:
    """The official parts; the test part only where it is at hand or no mirror is named."""
    train, valid, test = fetch(TRAIN), fetch(VALID), fetch_if_there(TEST)
    return checked_splits(
        CARD,
        {TRAIN.path: train, VALID.path: valid, TEST.path: test},
        train=_examples(train),
        dev=_examples(valid),
        test=_examples(test) if test else None,
    )


def _examples(file: Fetched) -> list[Example]:
    return [_example(row) for row in read_csv(file.path)]


def _example(row: Row) -> Example:
    votes = [vote for annotator in ANNOTATORS if (vote := _calls_it_abuse(row, annotator)) is not None]
    if not votes:
        raise DataError(f"convabuse, line {row.line}: no annotator judged it")
    return Example(
        text=row["user"],
        id=row["example_id"].removesuffix(".0"),
        labels={"toxicity": translate("convabuse", "toxicity", "abuse" if sum(votes) * 2 > len(votes) else "no abuse")},
        group=row["conv_id"].removesuffix(".0"),
        context=row["agent"] or None,
        line=row.line,
    )


def _calls_it_abuse(row: Row, annotator: int) -> bool | None:
    """Whether most of an annotator's readings are abuse; some read a text twice, and then a cell is written `1, 0`."""
    cells = {severity: row[f"Annotator{annotator}_is_abuse.{severity}"] for severity in SEVERITIES}
    ticks = [severity for severity, cell in cells.items() for tick in cell.split(", ") if tick == "1"]
    return sum(severity.startswith("-") for severity in ticks) * 2 > len(ticks) if ticks else None
