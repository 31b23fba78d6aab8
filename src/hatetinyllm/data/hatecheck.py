"""
HateCheck: functional tests for hate speech models, a test part only (Röttger et al., 2021).

licence: CC BY 4.0    languages: en    rows: 3,728 (unverified)
source:  https://github.com/paul-rottger/hatecheck-data
"""

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/paul-rottger/hatecheck-data/d84302298ceeb34f4b0dde2d8a1f4932c2caa612"
TABLE = File(path="hatecheck/test_suite_cases.csv", url=f"{UPSTREAM}/test_suite_cases.csv")

CARD = Card(
    name="hatecheck",
    title="HateCheck: functional tests",
    version="ACL 2021",
    licence="cc-by-4.0",
    languages=("en",),
    source="https://github.com/paul-rottger/hatecheck-data",
    citation="Röttger, Vidgen, Nguyen, Waseem, Margetts, Pierrehumbert. HateCheck. ACL 2021.",
    files=(TABLE,),
    counts={"test": {"hate": 2_563, "not_hate": 1_165}},
    verified=False,
    heads=("hate", "target"),
    traps=(
        "A test and nothing else: never train on it, and never choose a model or a threshold by it.",
        "More than two thirds are hate, so calling everything hate looks good: read it slice by slice.",
        "target_ident names the people of not hateful cases too: they stand in `mentions`, and only those attacked in `target`.",
    ),
)


def load() -> Splits:
    """The final suite: slices are functionalities, partners the cases it contrasts, groups the cases of one template."""
    table = fetch(TABLE)
    rows = read_csv(table.path)
    partners = _partners(rows)
    return checked_splits(CARD, {TABLE.path: table}, test=[_example(row, partners) for row in rows])


def _partners(rows: list[Row]) -> dict[str, tuple[str, ...]]:
    """The cases a case was made from or that were made from it; only the later one of two names the other in the file."""
    partners: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row["ref_case_id"]:
            case, reference = row["case_id"], str(int(float(row["ref_case_id"])))
            partners[case] = (*partners.get(case, ()), reference)
            partners[reference] = (*partners.get(reference, ()), case)
    return partners


def _example(row: Row, partners: dict[str, tuple[str, ...]]) -> Example:
    hate = translate("hatecheck", "hate", row["label_gold"])
    mentions = translate("hatecheck", "target", row["target_ident"].lower())
    return Example(
        text=row["test_case"],
        id=row["case_id"],
        labels={"hate": hate, "target": mentions if hate == ("hate",) else ()},
        partners=partners.get(row["case_id"], ()),
        group=row["templ_id"],
        slice=row["functionality"],
        mentions=mentions,
        line=row.line,
    )
