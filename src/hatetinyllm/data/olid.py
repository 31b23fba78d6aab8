"""
OLID: offensive tweets and whom they are aimed at, OffensEval-2019 (Zampieri et al., 2019).

licence: on the organisers' terms, none stated    languages: en    rows: 14,100 (13,240 train, 860 test)
source:  https://sites.google.com/site/offensevalsharedtask/olid
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

SOURCE = "https://sites.google.com/site/offensevalsharedtask/olid"
HOW = f"unpack OLIDv1.0.zip of the organisers: {SOURCE}"
TRAIN = File(path="olid/olid-training-v1.0.tsv", how=HOW)
TEST = File(path="olid/testset-levela.tsv", how=HOW)
ANSWERS = {level: File(path=f"olid/labels-level{level}.csv", how=HOW) for level in ("a", "b", "c")}

CARD = Card(
    name="olid",
    title="OLID: offensive language identification dataset",
    version="1.0",
    licence="research",
    languages=("en",),
    source=SOURCE,
    citation="Zampieri, Malmasi, Nakov, Rosenthal, Farra, Kumar. Predicting the Type and Target of Offensive Posts. NAACL 2019.",
    files=(TRAIN, TEST, *ANSWERS.values()),
    counts={
        "train": {"not_offensive": 8_840, "offensive": 4_400},
        "test": {"not_offensive": 620, "offensive": 240},
    },
    scheme="offence",
    verified=False,
    heads=("offence", "addressee"),
    traps=(
        "Offensive is not hateful: swearing at nobody counts. There is no hate head.",
        "Users and links are masked as @USER and URL, so a model sees no names.",
        "The answers of the test part stand in three files, each shorter than the last: whoever is offensive, then targeted.",
    ),
)


def load() -> Splits:
    """The official parts; the addressee is asked of offensive tweets only."""
    fetched = {file.path: fetch(file) for file in CARD.files}
    train = [
        _example(row["id"], row["tweet"], row["subtask_a"], row["subtask_b"], row["subtask_c"], row.line)
        for row in read_csv(fetched[TRAIN.path].path, delimiter="\t")
    ]
    a, b, c = (
        {row["id"]: row["label"] for row in read_csv(fetched[file.path].path, columns=("id", "label"))}
        for file in ANSWERS.values()
    )
    test = [
        _example(row["id"], row["tweet"], a[row["id"]], b.get(row["id"], "NULL"), c.get(row["id"], "NULL"), row.line)
        for row in read_csv(fetched[TEST.path].path, delimiter="\t")
    ]
    return checked_splits(CARD, fetched, train=train, test=test)


def _example(id: str, tweet: str, offence: str, targeted: str, addressee: str, line: int) -> Example:
    labels = {"offence": translate("olid", "offence", offence)}
    word = addressee if targeted == "TIN" else targeted
    if word != "NULL":
        labels["addressee"] = translate("olid", "addressee", word)
    return Example(text=tweet, id=id, labels=labels, line=line)
