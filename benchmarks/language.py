"""
Claim: of English rows fewer than 1 in 200 look foreign, slang and misspelling included; of German, Spanish, Italian and Hindi
rows of five words or more, more than nine in ten do.

python benchmarks/language.py      writes docs/results/language.json

Rows are those of the datasets at hand whose licence was agreed to (HATETINYLLM_DATA, HATETINYLLM_ACCEPT); the others are named
as not measured. The words that the check knows were written by hand: no dataset was learnt from. Some rows of the English sets
are in other languages indeed, and some of the others are English: the source's word is counted against the check's.
"""

import json
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.metrics.rate import wilson
from hatetinyllm.text.language import looks_foreign

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "language.json"
LEAST_WORDS = 5
REFUSED_AT_MOST, FOUND_AT_LEAST = 0.005, 0.9
# name -> options, and the language that the source says the rows are in
SETS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("dynahate", {}, "en"),
    ("davidson", {}, "en"),
    ("edos", {}, "en"),
    ("toxic-spans", {}, "en"),
    ("hateval", {"language": "en"}, "en"),
    ("gahd", {}, "de"),
    ("germeval-2018", {}, "de"),
    ("hateval", {"language": "es"}, "es"),
    ("haspeede2", {}, "it"),
    ("hasoc", {}, "hi"),
    ("trac1", {"language": "hi"}, "hi"),
)


def counted(texts: Sequence[str]) -> dict[str, Any]:
    """How many rows look foreign, with an interval of 95 %, and how many are checked a second."""
    began = time.process_time()
    foreign = sum(map(looks_foreign, texts))
    took = time.process_time() - began
    interval = wilson(foreign, len(texts))
    return {
        "rows": len(texts),
        "foreign": foreign,
        "share": round(foreign / len(texts), 5),
        "interval": [round(interval.low, 5), round(interval.high, 5)],
        "rows_per_s": round(len(texts) / took),
    }


def measure(name: str, options: dict[str, str]) -> dict[str, Any]:
    """All rows of a set, and those of five words or more."""
    texts = [example.text for example in load_dataset(name, **options).rows()]
    long = [text for text in texts if len(text.split()) >= LEAST_WORDS]
    return {"all": counted(texts), f"{LEAST_WORDS}_words": counted(long)}


def main() -> None:
    """Measure every set that can be read, print and store."""
    found: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for name, options, language in SETS:
        key = f"{name} {language}"
        try:
            measured = measure(name, options)
        except HateTinyLLMError as error:  # not at hand, or its licence was not agreed to
            missing[key] = error.message
            print(f"{key:<18}not measured: {error.message}")
            continue
        found[key] = {"language": language, **measured}
        share = measured["all"]["share"] if language == "en" else measured[f"{LEAST_WORDS}_words"]["share"]
        holds = share < REFUSED_AT_MOST if language == "en" else share > FOUND_AT_LEAST
        print(f"{key:<18}{share:.2%} look foreign: {'as claimed' if holds else 'NOT as claimed'}", flush=True)
    result = {"python": platform.python_version(), "sets": found, "not_measured": missing}
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
