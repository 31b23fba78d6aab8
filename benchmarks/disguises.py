"""
Claim: each of five disguises costs the built-in model at most 5 points of macro-F1 on DynaHate's official test part.

python benchmarks/disguises.py [BUNDLE] [--data dynahate] [--split official-leakfree] [--write]
writes docs/results/disguises.json

A share of every text's words is disguised (`text/disguise.py`), drawn by the seeds; the normal form that the bundle records
undoes what it can. `--normaliser N` puts texts through another normal form first, to see what it would give. A text that is no
longer read counts as not hateful. Losses have intervals of 95 %: the same groups of kin are drawn for both figures, and the
seeds' figures are averaged.
"""

import argparse
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.data import SPLITS
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.sample import draw
from hatetinyllm.inference.detector import Detector
from hatetinyllm.metrics.classification import macro_f1
from hatetinyllm.metrics.resample import draws_of, of_difference
from hatetinyllm.text.disguise import KINDS, disguise
from hatetinyllm.text.normalise import normalise
from hatetinyllm.types import Example

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "disguises.json"
LOSS_AT_MOST = 5.0  # points of macro-F1
DRAWS = 500
DRAWN_BY = 42


def scores_of(detector: Detector, texts: Sequence[str], normaliser: int | None) -> NDArray[np.float64]:
    """The score of each text, 0 where it is not read."""
    read = [normalise(text, normaliser).text for text in texts] if normaliser else list(texts)
    return np.nan_to_num(detector.scores(read), nan=0.0)


def figures(rows: Sequence[Example], scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Macro-F1 of draws of whole groups, the mean over the seeds; the first is that of the rows themselves."""
    truth = np.array([row.label == "hate" for row in rows], dtype=np.int64)
    groups = {group: number for number, group in enumerate(dict.fromkeys(row.group or row.id for row in rows))}
    clusters = np.array([groups[row.group or row.id] for row in rows], dtype=np.int64)
    drawn = [
        draws_of(truth, one, clusters, ["macro_f1"], threshold=0.5, draws=DRAWS, seed=DRAWN_BY)["macro_f1"] for one in scores
    ]
    whole = [macro_f1(truth, one) for one in scores]
    return np.concatenate([[np.mean(whole)], np.mean(drawn, axis=0)])


def measure(detector: Detector, rows: Sequence[Example], asked: argparse.Namespace) -> dict[str, Any]:
    """Macro-F1 as the texts are, and under each disguise with what it loses."""
    texts = [row.text for row in rows]
    clean = figures(rows, [scores_of(detector, texts, asked.normaliser)])
    print(f"{'clean':<12} macro-F1 {clean[0]:.3f}", flush=True)
    found: dict[str, Any] = {}
    for kind in KINDS:
        ways = [[disguise(text, kind, seed=seed, share=asked.share) for text in texts] for seed in asked.seeds]
        hidden = figures(rows, [scores_of(detector, way, asked.normaliser) for way in ways])
        loss = 100 * float(clean[0] - hidden[0])
        interval = of_difference(100 * clean[1:], 100 * hidden[1:])
        found[kind] = {
            "macro_f1": round(float(hidden[0]), 4),
            "loss_points": round(loss, 2),
            "interval": [round(interval.low, 2), round(interval.high, 2)] if interval else None,
        }
        print(
            f"{kind:<12} macro-F1 {hidden[0]:.3f}, loses {loss:.1f} points: {'ok' if loss <= LOSS_AT_MOST else 'TOO MUCH'}",
            flush=True,
        )
    return {"clean": round(float(clean[0]), 4), "disguised": found}


def main() -> None:
    """Judge the bundle on its rows, with and without disguises."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", default="builtin", help="a bundle's folder")
    parser.add_argument("--data", default="dynahate", help="a dataset whose headline is hate")
    parser.add_argument("--split", default="official-leakfree")
    parser.add_argument("--part", default="test", choices=("dev", "test"))
    parser.add_argument("--rows", type=int, help="so many rows of it, drawn by a seed; all unless told")
    parser.add_argument("--share", type=float, default=0.3, help="of the words, that is disguised")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--normaliser", type=int, help="a normal form to read texts in before the bundle does")
    parser.add_argument("--write", action="store_true", help=f"write docs/results/{RESULTS.name}")
    asked = parser.parse_args()
    detector = Detector.open(asked.bundle)
    splits = SPLITS.get(asked.split)(load_dataset(asked.data))
    if asked.rows:
        splits = draw(splits, rows=asked.rows)
    rows = [row for row in splits.part(asked.part) if row.label is not None]
    found = measure(detector, rows, asked)
    manifest = detector.bundle.manifest
    content = {
        "bundle": detector.bundle.identity,
        "normaliser": asked.normaliser or manifest.text["normaliser"],
        "data": f"{asked.data} {asked.part}, {splits.how}",
        "rows": len(rows),
        "share_of_words": asked.share,
        "seeds": asked.seeds,
        "python": platform.python_version(),
        **found,
    }
    if asked.write:
        RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
