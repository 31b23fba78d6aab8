"""
Multilingual HateCheck: functional tests in ten languages, a test part only (Röttger et al., 2022).

licence: CC BY 4.0    languages: ar, de, es, fr, hi, it, nl, pl, pt, zh    rows: not counted
source:  https://github.com/rewire-online/multilingual-hatecheck
"""

from typing import Literal

from hatetinyllm.data.card import Card, File
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.rows import Row, read_csv
from hatetinyllm.labels import translate
from hatetinyllm.types import Example, Splits

UPSTREAM = "https://raw.githubusercontent.com/rewire-online/multilingual-hatecheck/9f72ce80e6ccbad889739f59f96ab06d43a92cb6"
LANGUAGES = {
    "ar": "arabic",
    "de": "german",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "it": "italian",
    "nl": "dutch",
    "pl": "polish",
    "pt": "portuguese",
    "zh": "mandarin",
}
FILES = {
    code: File(
        path=f"multilingual_hatecheck/hatecheck_cases_final_{language}.csv",
        url=f"{UPSTREAM}/MHC%20Final%20Cases/hatecheck_cases_final_{language}.csv",
    )
    for code, language in LANGUAGES.items()
}

CARD = Card(
    name="multilingual-hatecheck",
    title="Multilingual HateCheck: functional tests in ten languages",
    version="WOAH 2022",
    licence="cc-by-4.0",
    languages=tuple(LANGUAGES),
    source="https://github.com/rewire-online/multilingual-hatecheck",
    citation="Röttger, Seelawi, Nozza, Talat, Vidgen. Multilingual HateCheck. WOAH 2022.",
    files=tuple(FILES.values()),
    counts={},
    verified=False,
    heads=("hate", "target"),
    traps=(
        "A test and nothing else: never train on it, and never choose a model or a threshold by it.",
        "The label is the language expert's; in some cases the majority of the annotators disagrees (disagreement_in_case).",
        "The groups differ by language, and so do the spelling tests of Arabic and Mandarin: slices are not all comparable.",
        "Hindi is written in Latin letters.",
        "target_ident names the people of not hateful cases too: they stand in `mentions`, and only those attacked in `target`.",
    ),
)


def load(
    *,
    language: Literal["ar", "de", "es", "fr", "hi", "it", "nl", "pl", "pt", "zh"] = "es",  # one suite each
) -> Splits:
    """The final suite of one language: slices are functionalities, partners contrasted cases, groups one template's cases."""
    file = FILES[language]
    table = fetch(file)
    rows = read_csv(table.path)
    partners = _partners(rows, LANGUAGES[language])
    return checked_splits(CARD.only(language), {file.path: table}, test=[_example(row, language, partners) for row in rows])


def _partners(rows: list[Row], language: str) -> dict[str, tuple[str, ...]]:
    """The cases a case was made from or that were made from it. A reference is a number, "89.0", an id is "spanish-89"."""
    partners: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row["ref_case_id"]:
            case, reference = row["mhc_case_id"], f"{language}-{int(float(row['ref_case_id']))}"
            partners[case] = (*partners.get(case, ()), reference)
            partners[reference] = (*partners.get(reference, ()), case)
    return partners


def _example(row: Row, language: str, partners: dict[str, tuple[str, ...]]) -> Example:
    hate = translate("multilingual-hatecheck", "hate", row["label_gold"])
    mentions = translate("multilingual-hatecheck", "target", row["target_ident"].strip().lower())
    return Example(
        text=row["test_case"],
        id=row["mhc_case_id"],
        labels={"hate": hate, "target": mentions if hate == ("hate",) else ()},
        language=language,
        partners=partners.get(row["mhc_case_id"], ()),
        group=row["templ_id"],
        slice=row["functionality"],
        mentions=mentions,
        line=row.line,
    )
