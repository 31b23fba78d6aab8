"""
Claim: an interval of 95 % holds the truth about 95 times in a hundred where kin are drawn together, and fewer where they are not.

python benchmarks/coverage.py      writes docs/results/coverage.json; `make docs` puts it into docs/judging.md

Rows come in pairs of kin. A pair has a luck of its own that moves both scores, and both rows have the same truth, so that one row
tells much of the other. The truth of each figure is measured on two million such rows.
"""

import json
import time
from pathlib import Path

import numpy as np

from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.resample import intervals

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "coverage.json"
FIGURES = ("accuracy", "f1_positive", "macro_f1", "auroc", "brier")
ROWS = 600
SIMULATIONS = 500
DRAWS = 500
OF_THE_TRUTH = 2_000_000


def sample(rows: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, scores and pairs: the luck of a pair counts for more than that of a row."""
    pairs = np.repeat(np.arange(rows // 2), 2)
    truth = (generator.random(rows // 2) < 0.4).astype(np.int64)[pairs]
    luck = generator.normal(size=rows // 2)[pairs]
    scores = 1 / (1 + np.exp(-(1.6 * truth - 0.8 + luck + 0.4 * generator.normal(size=rows))))
    return truth, scores, pairs


def main() -> None:
    """Simulates, counts how often each interval holds the truth, and stores the shares."""
    generator = np.random.default_rng(20261128)
    truth, scores, _ = sample(OF_THE_TRUTH, generator)
    true = {name: float(METRICS.get(name)(truth, scores, threshold=0.5)) for name in FIGURES}
    held = {how: dict.fromkeys(FIGURES, 0) for how in ("kin drawn together", "rows drawn alone")}
    began = time.monotonic()
    for number in range(SIMULATIONS):
        truth, scores, pairs = sample(ROWS, generator)
        for how, clusters in zip(held, (pairs, np.arange(ROWS)), strict=True):
            for name, found in intervals(truth, scores, clusters, FIGURES, draws=DRAWS, seed=number).items():
                held[how][name] += found is not None and found.low <= true[name] <= found.high
    print(f"{SIMULATIONS} simulations in {time.monotonic() - began:.0f} s")
    shares = {how: {name: count / SIMULATIONS for name, count in found.items()} for how, found in held.items()}
    for how, found in shares.items():
        print(how, {name: round(share, 3) for name, share in found.items()})
    result = {"rows": ROWS, "simulations": SIMULATIONS, "draws": DRAWS, "truth": true, "share_that_holds_the_truth": shares}
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
