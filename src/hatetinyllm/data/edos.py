"""
EDOS: sexism on Gab and Reddit with its category, SemEval-2023 task 10 (Kirk et al., 2023).

licence: CC0    languages: en    rows: 16,000, without the test part
source:  https://github.com/rewire-online/edos
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/rewire-online/edos/b1f1fbcca9d42de0395432ada8fcfb5c35f68c77"
TABLE = File(path="edos/edos_labelled_aggregated.csv", url=f"{UPSTREAM}/data/edos_labelled_aggregated.csv")

CARD = Card(
    name="edos",
    title="EDOS: explainable detection of online sexism",
    version="SemEval-2023 task 10",
    licence="cc0-1.0",
    languages=("en",),
    source="https://github.com/rewire-online/edos",
    citation="Kirk, Yin, Vidgen, Röttger. SemEval-2023 Task 10. SemEval 2023.",
    files=(TABLE,),
    counts={
        "train": {"hate": 3_398, "not_hate": 10_602},
        "dev": {"hate": 486, "not_hate": 1_514},
    },
    heads=("hate", "type", "target"),
    traps=(
        "The question is sexism, not hate: hate against other people is not sexist, so it stands here as not_hate.",
        "Upstream's file has test rows too; a mirror may lack them, and their counts are unverified.",
    ),
)


def load() -> Splits:
    """The official parts; what is sexist attacks women, in the way its category says."""
    table = fetch(TABLE)
    parts: dict[str, list[Example]] = {"train": [], "dev": [], "test": []}
    for row in read_csv(table.path):
        parts[row["split"]].append(_example(row))
    return checked_splits(CARD, {TABLE.path: table}, train=parts["train"], dev=parts["dev"], test=parts["test"])


def _example(row: Row) -> Example:
    labels = {
        "hate": translate("edos", "hate", row["label_sexist"]),
        "type": translate("edos", "type", row["label_category"]),
        "target": translate("edos", "target", row["label_sexist"]),
    }
    return Example(text=row["text"], id=row["rewire_id"], labels=labels, line=row.line)
