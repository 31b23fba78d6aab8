"""
GermEval-2018: offensive German tweets in coarse and fine labels (Wiegand et al., 2018).

licence: CC BY 4.0    languages: de    rows: 5,009, without the official test
source:  https://github.com/uds-lsv/GermEval-2018-Data

The offence head is the coarse label. The hate head is the fine label ABUSE, which the guidelines keep for degrading people
as members of a group; insults of one person and plain profanity are not_hate.
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import Fetched, fetch, fetch_if_there
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/uds-lsv/GermEval-2018-Data/9877472d39523effd54cd079b4c61157ed141508"
TRAIN = File(
    path="germeval2018/germeval2018.training.txt",
    url=f"{UPSTREAM}/germeval2018.training.txt",
    sha256="0f88c63a344e1ab69c5407aa539d1612cd82a96b51ebd6bd613dc70ff9fef03e",
)
TEST = File(path="germeval2018/germeval2018.test.txt", url=f"{UPSTREAM}/germeval2018.test.txt")
COLUMNS = ("text", "coarse", "fine")
LINE_BREAK = "|LBR|"  # how the files write a line break inside a tweet

CARD = Card(
    name="germeval-2018",
    title="GermEval-2018: identification of offensive language",
    version="2018",
    licence="cc-by-4.0",
    languages=("de",),
    source="https://github.com/uds-lsv/GermEval-2018-Data",
    citation="Wiegand, Siegel, Ruppenhofer. Overview of the GermEval 2018 Shared Task. GermEval 2018.",
    files=(TRAIN, TEST),
    counts={"train": {"not_offensive": 3_321, "offensive": 1_688}},
    scheme="offence",
    heads=("offence", "hate"),
    traps=(
        "Quotation marks are part of the tweets: a reader that takes them for CSV quoting loses rows.",
        "ABUSE is read as hate; it includes abuse of groups that no law protects.",
        "There is no dev part, and no ids: an id is the line of the file.",
    ),
)


def load() -> Splits:
    """The official parts, with line breaks where the tweets had them."""
    train, test = fetch(TRAIN), fetch_if_there(TEST)
    return checked_splits(
        CARD,
        {TRAIN.path: train, TEST.path: test},
        train=_examples("train", train),
        test=_examples("test", test) if test else None,
    )


def _examples(part: str, file: Fetched) -> list[Example]:
    return [_example(row, part) for row in read_csv(file.path, delimiter="\t", columns=COLUMNS, quoted=False)]


def _example(row: Row, part: str) -> Example:
    return Example(
        text=row["text"].replace(LINE_BREAK, "\n"),
        id=f"{part}-{row.line}",
        labels={
            "offence": translate("germeval-2018", "offence", row["coarse"]),
            "hate": translate("germeval-2018", "hate", row["fine"]),
        },
        language="de",
        line=row.line,
    )
