"""
HatemojiBuild: rounds 5 to 7 of DynaHate, hate that hangs on emoji, in contrast pairs (Kirk et al., 2022).

licence: CC BY 4.0    languages: en    rows: 5,319, without the test part
source:  https://github.com/HannahKirk/Hatemoji
"""

import re

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch, fetch_if_there
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/HannahKirk/Hatemoji/a626f63216158748d072e581efc00267031f4404/HatemojiBuild"
FILES = {
    "train": File(
        path="hatemoji/HatemojiBuild_train.csv",
        url=f"{UPSTREAM}/train.csv",
        sha256="2255818a5b10153876320068451be582ed876a2eefb22a250bd2f6478d1815e5",
    ),
    "dev": File(
        path="hatemoji/HatemojiBuild_validation.csv",
        url=f"{UPSTREAM}/validation.csv",
        sha256="721094d44fceb923a0b3897935126a654bbb1f092b1fed6a74d80e4a845c6f43",
    ),
    "test": File(path="hatemoji/HatemojiBuild_test.csv", url=f"{UPSTREAM}/test.csv"),
}

CARD = Card(
    name="hatemoji-build",
    title="HatemojiBuild: emoji-based hate, written to fool a model",
    version="NAACL 2022",
    licence="cc-by-4.0",
    languages=("en",),
    source="https://github.com/HannahKirk/Hatemoji",
    citation="Kirk, Vidgen, Röttger, Thrush, Hale. Hatemoji. NAACL 2022.",
    files=tuple(FILES.values()),
    counts={
        "train": {"hate": 2_387, "not_hate": 2_341},
        "dev": {"hate": 270, "not_hate": 321},
    },
    heads=("hate", "type", "target"),
    traps=(
        "Every row has a partner that was made from it by a small change, and the split is random: a partner may stand in "
        "another part, and its id in a part that is not here.",
        "Upstream has a test part, which brings all to 5,912 rows; a mirror may lack it, and its counts are unverified.",
    ),
)


def load() -> Splits:
    """The official parts; the test part only where it is at hand or no mirror is named."""
    found = {"train": fetch(FILES["train"]), "dev": fetch(FILES["dev"]), "test": fetch_if_there(FILES["test"])}
    parts = {part: [_example(row) for row in read_csv(file.path)] for part, file in found.items() if file}
    fetched = {FILES[part].path: file for part, file in found.items()}
    return checked_splits(CARD, fetched, train=parts["train"], dev=parts["dev"], test=parts.get("test"))


def _example(row: Row) -> Example:
    targets = re.findall(r"'([^']*)'", row["target"])  # a cell is written ['bla', 'nat.france']
    targets = ["nat" if word.startswith("nat.") else word for word in targets]  # any nation
    return Example(
        text=row["text"],
        id=row["entry_id"],
        labels={
            "hate": translate("hatemoji-build", "hate", row["label_gold"]),
            "type": translate("hatemoji-build", "type", row["type"]),
            "target": translate("hatemoji-build", "target", targets),
        },
        round=row["round.base"],
        perturbed={"original": False, "perturbation": True}[row["set"]],
        partners=(row["matched_id"],) if row["matched_id"] else (),
        line=row.line,
    )
