"""
HatemojiCheck: functional tests for emoji-based hate, a test part only (Kirk et al., 2022).

licence: CC BY 4.0    languages: en    rows: 3,930 (unverified)
source:  https://github.com/HannahKirk/Hatemoji
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/HannahKirk/Hatemoji/a626f63216158748d072e581efc00267031f4404"
TABLE = File(path="hatemoji/HatemojiCheck_test.csv", url=f"{UPSTREAM}/HatemojiCheck/test.csv")

CARD = Card(
    name="hatemoji-check",
    title="HatemojiCheck: functional tests for emoji-based hate",
    version="NAACL 2022",
    licence="cc-by-4.0",
    languages=("en",),
    source="https://github.com/HannahKirk/Hatemoji",
    citation="Kirk, Vidgen, Röttger, Thrush, Hale. Hatemoji. NAACL 2022.",
    files=(TABLE,),
    counts={"test": {"hate": 2_654, "not_hate": 1_276}},
    verified=False,
    heads=("hate", "target"),
    traps=(
        "A test and nothing else: never train on it, and never choose a model or a threshold by it.",
        "Two thirds are hate, so calling everything hate looks good: read it slice by slice.",
        "target names the people of not hateful cases too: they stand in `mentions`, and only those attacked in `target`.",
    ),
)


def load() -> Splits:
    """The suite: slices are functionalities, and a group is an original with its perturbations."""
    table = fetch(TABLE)
    return checked_splits(CARD, {TABLE.path: table}, test=[_example(row) for row in read_csv(table.path)])


def _example(row: Row) -> Example:
    hate = translate("hatemoji-check", "hate", row["label_gold"])
    mentions = translate("hatemoji-check", "target", row["target"].strip().lower())
    return Example(
        text=row["text"],
        id=row["case_id"],
        labels={"hate": hate, "target": mentions if hate == ("hate",) else ()},
        perturbed=not row["set"].startswith("orig"),
        group=row["test_grp_id"],
        slice=row["functionality"],
        mentions=mentions,
        line=row.line,
    )
