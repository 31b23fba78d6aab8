"""
Claim: how a data set is parted decides what a result means. The same TF-IDF model, judged on several splits.

HATETINYLLM_DATA=... python benchmarks/baselines.py      writes docs/results/baselines.json; `make docs` puts it into the README
"""

import json
from dataclasses import asdict
from pathlib import Path

from hatetinyllm.data import SPLITS
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.labels import SCHEMES
from hatetinyllm.types import Head

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "baselines.json"
EXPERIMENTS = (
    ("dynahate", "official", {}),
    ("dynahate", "official-leakfree", {}),
    ("dynahate", "random", {"test_share": 0.2, "dev_share": 0.0}),
    ("dynahate", "grouped", {"test_share": 0.2, "dev_share": 0.0}),
    ("hateval", "random", {"parts": ("train",), "test_share": 0.2, "dev_share": 0.0}),
)


def main() -> None:
    """Fits and judges one model for each split."""
    scheme = SCHEMES["hate"]
    head = Head(name=scheme.name, labels=scheme.labels, positive=scheme.positive)
    found = []
    for data, split, options in EXPERIMENTS:
        splits = SPLITS.get(split)(load_dataset(data), **options)
        result = evaluate(fit_tfidf(splits.train, head), splits.test, head, name=f"{data}, {split}")
        found.append({"data": data, "split": split, "how": splits.how, "train": len(splits.train), **asdict(result)})
        print(json.dumps(found[-1]["metrics"]), data, split, flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
