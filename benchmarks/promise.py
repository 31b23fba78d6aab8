"""
Claim: at `fpr-1pct-95` the true false-positive rate exceeds 1 % in at most 5 of 100 calibrations, whatever fitted the scores.

python benchmarks/promise.py      writes docs/results/promise.json

A net is simulated whose log-odds of negative and positive rows are normal, so that the true rate of any threshold is known. With
kin, each row stands five times among the calibration's rows; beside it, what comes of counting each of the five as a row.
"""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from hatetinyllm.evaluation.calibration import Held, calibrate, shown
from hatetinyllm.evaluation.rule import rules_of
from hatetinyllm.evaluation.scaling import Scaling

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "promise.json"
MODE = "fpr-1pct-95"
RATE = 0.01
MEAN, SCALE = 4.0, 3.0
POSITIVES = 200
COPIES = 5
SIMULATIONS = 4000
SIZES = (299, 473, 1000)


def rows(negatives: int, copies: int, seed: int) -> Held:
    """Rows of the known law."""
    chance = np.random.default_rng(seed)
    odds = np.concatenate([chance.normal(-MEAN, SCALE, negatives), chance.normal(MEAN, SCALE, POSITIVES)])
    groups = np.repeat(np.arange(negatives + POSITIVES), copies)
    truth = np.repeat([0, 1], [negatives, POSITIVES])
    return Held(ids=tuple(map(str, range(len(groups)))), truth=truth[groups], odds=odds[groups], groups=groups)


def true_rate(scaling: Scaling, threshold: float) -> float:
    """The share of all negatives whose shown score reaches the threshold: the odds from which on it does, by halving."""
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        reaches = shown(scaling.scores(np.array([middle])))[0] >= threshold
        low, high = (low, middle) if reaches else (middle, high)
    return float(ndtr((-MEAN - high) / SCALE))


def broken(held: Held, method: str, seed: int) -> bool:
    """Whether this calibration's promise does not hold; one that is refused breaks nothing."""
    found = calibrate(held, rules_of([MODE]), method=method, seed=seed)
    band = found.bands.get(MODE)
    return band is not None and true_rate(found.scaling, band.high) > RATE


def main() -> None:
    """Simulates, counts how often the promise is broken, and stores the shares."""
    began, found = time.monotonic(), {}
    for negatives in SIZES:
        for method in ("none", "temperature", "isotonic"):
            count = sum(broken(rows(negatives, 1, seed), method, seed) for seed in range(SIMULATIONS))
            found[f"{negatives} negatives, {method}"] = count / SIMULATIONS
        kin = [rows(negatives, COPIES, seed) for seed in range(SIMULATIONS)]
        found[f"{negatives} negatives five times, kin known"] = (
            sum(broken(held, "none", seed) for seed, held in enumerate(kin)) / SIMULATIONS
        )
        strangers = [replace(held, groups=np.arange(len(held.ids))) for held in kin]
        found[f"{negatives} negatives five times, each counted"] = (
            sum(broken(held, "none", seed) for seed, held in enumerate(strangers)) / SIMULATIONS
        )
    print(f"{SIMULATIONS} simulations each, in {time.monotonic() - began:.0f} s")
    for name, share in found.items():
        print(f"{share:6.3f}  {name}")
    error = (0.05 * 0.95 / SIMULATIONS) ** 0.5
    said = {"mode": MODE, "simulations": SIMULATIONS, "promised_at_most": 0.05, "standard_error": error}
    result = {**said, "share_that_breaks_the_promise": found}
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
