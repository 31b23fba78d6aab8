"""
TRAC-1: aggression on Facebook, open and covert, in English and Hindi (Kumar et al., 2018).

licence: CC BY-NC-SA 4.0    languages: en, hi    rows: 15,000 of each, without the official tests
source:  https://sites.google.com/view/trac1/shared-task
"""

from typing import Literal

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import Fetched, fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Rejected, Splits

SOURCE = "https://sites.google.com/view/trac1/shared-task"
DIGESTS = {
    "en train": "c56c68fec6987a52fd1542d58d9a0e4d1d273c60ed71cdbc64a1cd0afc554e2c",
    "en dev": "c3f7db284d5d7543b08ed3b475fc883062f3ed7dc8dbe086ab23b50cd9d082a8",
    "hi train": "df45e680fe6df0c209c35fa4757acdec70749f7c7f6d4fe1029fa7a862696515",
    "hi dev": "d314760b80efd448b30ab2fd660a22fd362cfb39044a1545894fcc5534174bfa",
}
FILES = {
    part: File(
        path=f"trac1/agr_{part.replace(' ', '_')}.csv",
        sha256=digest,
        how=f"the organisers give it on request: {SOURCE}",
    )
    for part, digest in DIGESTS.items()
}
COLUMNS = ("id", "text", "aggression")

CARD = Card(
    name="trac1",
    title="TRAC-1: aggression identification",
    version="TRAC 2018",
    licence="cc-by-nc-sa-4.0",
    languages=("en", "hi"),
    source=SOURCE,
    citation="Kumar, Ojha, Malmasi, Zampieri. Benchmarking Aggression Identification in Social Media. TRAC 2018.",
    files=tuple(FILES.values()),
    counts={
        "en train": {"none": 5_051, "covert": 4_240, "overt": 2_708},
        "en dev": {"none": 1_233, "covert": 1_057, "overt": 711},
        "hi train": {"none": 2_274, "covert": 4_869, "overt": 4_856},
        "hi dev": {"none": 538, "covert": 1_246, "overt": 1_217},
    },
    scheme="aggression",
    heads=("aggression",),
    traps=(
        "Aggression is not hate: there is no hate head.",
        "The files have no header, and texts with line breaks: 1,326 of the English train rows.",
        "Texts stand in train and dev alike: 76 in English, 129 in Hindi.",
        "Hindi is written in Devanagari and in Latin letters, often mixed with English; one of its rows has no text.",
    ),
)


def load(
    *,
    language: Literal["en", "hi"] = "en",  # the posts' language; each has parts of its own
) -> Splits:
    """Train and dev of one language; a row without text is set aside."""
    parts: dict[str, list[Example]] = {}
    rejected: list[Rejected] = []
    fetched: dict[str, Fetched] = {}
    for part in ("train", "dev"):
        file = FILES[f"{language} {part}"]
        fetched[file.path] = fetch(file)
        rows = read_csv(fetched[file.path].path, columns=COLUMNS)
        parts[part] = [_example(row, language) for row in rows if row["text"].strip()]
        rejected += [Rejected(line=row.line, reason="no text", file=file.path) for row in rows if not row["text"].strip()]
    return checked_splits(CARD.only(language), fetched, train=parts["train"], dev=parts["dev"], rejected=rejected)


def _example(row: Row, language: str) -> Example:
    aggression = translate("trac1", "aggression", row["aggression"])
    return Example(text=row["text"], id=row["id"], labels={"aggression": aggression}, language=language, line=row.line)
