"""A functional suite by its word: a registered dataset whose rows have functions, the starter, or a file of the user's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hatetinyllm.config.recipe import resolve, with_settings
from hatetinyllm.data import DATASETS
from hatetinyllm.data.cases import is_file_of_cases, read_cases
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.functions import HATECHECK
from hatetinyllm.data.starter import NAME, starter_suite
from hatetinyllm.data.suite import Suite, suite_of, with_partners_of_groups
from hatetinyllm.errors import DataError, UnknownName, did_you_mean

DESCRIPTIONS: Mapping[str, Mapping[str, str]] = {"hatecheck": HATECHECK, "multilingual-hatecheck": HATECHECK}
SUITES = (NAME, "hatecheck", "multilingual-hatecheck", "hatemoji-check")


def open_suite(word: str, settings: Sequence[str] = ()) -> Suite:
    """The suite a word names; `settings` are a dataset's options, as in data.language=es."""
    if word not in (NAME, *DATASETS) and is_file_of_cases(word):
        _refuse(settings, word)
        return read_cases(Path(word))
    if word == NAME:
        _refuse(settings, word)
        return starter_suite()
    if word not in DATASETS:
        ways = ["a suite of your own is a file: cases.toml, cases.csv, cases.tsv or cases.jsonl"]
        raise UnknownName(f"there is no suite {word!r} ({did_you_mean(word, SUITES)})", ways)
    return _of_dataset(word, settings)


def _of_dataset(name: str, settings: Sequence[str]) -> Suite:
    recipe = resolve(with_settings({"data": {"name": name}}, settings), {"data": DATASETS.places})
    splits = load_dataset(name, **recipe["data"].options)
    suite = suite_of(_title(name, recipe["data"].options), splits.test, descriptions=dict(DESCRIPTIONS.get(name, {})))
    if not suite.cases:
        raise DataError(
            f"{name} is no functional suite: none of its test rows has a function and a label", [f"suites: {', '.join(SUITES)}"]
        )
    cases = suite.cases if any(case.partners for case in suite.cases) else with_partners_of_groups(suite.cases)
    return replace(suite, cases=cases, notes=(*splits.notes, *suite.notes))


def _title(name: str, options: Mapping[str, object]) -> str:
    """A suite of several languages is one suite a language."""
    return f"{name} {options['language']}" if name == "multilingual-hatecheck" else name


def _refuse(settings: Sequence[str], word: str) -> None:
    if settings:
        raise DataError(f"suite {word} has no options to set", list(settings))
