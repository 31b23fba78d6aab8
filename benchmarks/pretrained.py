"""
Claim: pretraining helps. The same net, taught the same way, is worse on DynaHate's dev part when it begins from random weights.

python benchmarks/pretrained.py    writes docs/results/pretrained.json; gone on with seed by seed

Both are taught by the recipe of the built-in model's last stage, official-leakfree, three seeds each; no test part is looked at.
The net from random weights has the decoder's own shape and vocabulary. The difference of the means has Welch's interval of 95 %.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from builtin_decoder import ROOT, RUNS, WEIGHTS, decoder_folder, drop_checkpoints, key_of, last_stage, trained
from scipy.stats import t

from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.evaluation.seeds import spread_of
from hatetinyllm.folder import digest_of, write_text_whole
from hatetinyllm.plain import plain, to_json
from hatetinyllm.typed import build
from hatetinyllm.types import Result

RESULTS = ROOT / "docs" / "results" / "pretrained.json"
SEEDS = (42, 43, 44)
METRIC = "macro_f1"
SHAPE = {  # option of `scratch` -> key of a configuration
    "layers": "num_hidden_layers",
    "width": "hidden_size",
    "heads": "num_attention_heads",
    "feed_forward": "intermediate_size",
    "max_tokens": "max_position_embeddings",
}


def recipes(decoder: Path, seed: int, asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The recipe from the decoder, and the same from random weights of its shape."""
    given = last_stage(decoder, asked.set, tiny=asked.tiny)
    given = {**given, "train": {**given["train"], "seed": seed}}
    return {"pretrained": given, "random": {**given, "model": random_like(decoder, seed)}}


def random_like(decoder: Path, seed: int) -> dict[str, Any]:
    """A net of a checkpoint's shape and vocabulary, of random weights."""
    config = json.loads((decoder / "config.json").read_text(encoding="utf-8"))
    if config.get("num_key_value_heads") != config["num_attention_heads"]:
        raise HateTinyLLMError(f"{decoder} shares its keys between heads: no net of `scratch` has its shape")
    shape = {option: config[key] for option, key in SHAPE.items()}
    return {"name": "scratch", **shape, "tokenizer": (decoder / "tokenizer.json").as_posix(), "seed": seed}


def measure(given: Mapping[str, Any], run: Path) -> Result:
    """How the headline fares on dev, by the weights that fared best there; what was done before is not done again."""
    stored = run.with_suffix(".json")
    if not stored.is_file():
        print(f"{run.name}: begun, or gone on with", flush=True)
        found = next(one for one in trained(given, run).results if one.name == "dev")
        write_text_whole(stored, to_json(found) + "\n")
        drop_checkpoints(run)
    return build(Result, json.loads(stored.read_text(encoding="utf-8")), str(stored))


def difference(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Of the means, with Welch's interval: seeds of two beginnings are no pairs."""
    one, other = (np.asarray(values, dtype=np.float64) for values in (ours, theirs))
    shares = [values.var(ddof=1) / len(values) for values in (one, other)]
    error = float(np.sqrt(sum(shares)))
    freedom = error**4 / sum(share**2 / (len(one) - 1) for share in shares) if error else len(one) - 1
    mean, width = float(one.mean() - other.mean()), float(t.ppf(0.975, freedom)) * error
    return {"mean": round(mean, 4), "error": round(error, 4), "low": round(mean - width, 4), "high": round(mean + width, 4)}


def main(words: Sequence[str] | None = None) -> int:
    """Teach every seed of both, and say what lies between them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decoder", type=Path, help="a checkpoint, in place of the usual ones")
    parser.add_argument("--runs", type=Path, default=RUNS / "pretrained", help="where runs are kept")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="laid over the recipe of both")
    parser.add_argument("--tiny", action="store_true", help="made-up rows; name another --out")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args(words)
    if asked.tiny and asked.out == RESULTS:
        parser.error("--tiny measures nothing that belongs among the results: name --out")
    asked.out, asked.decoder = asked.out.resolve(), asked.decoder.resolve() if asked.decoder else None
    os.chdir(ROOT)
    asked.runs.mkdir(parents=True, exist_ok=True)
    try:
        content = compared(decoder_folder(asked.decoder), asked)
    except HateTinyLLMError as error:
        print(error, file=sys.stderr)
        return 2
    write_text_whole(asked.out, to_json(content, indent=1) + "\n")
    print(f"pretrained less random, dev macro-F1: {content['difference']}")
    return 0


def compared(decoder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Every seed of both beginnings, and the difference of their means."""
    weights = digest_of(decoder / WEIGHTS)
    found: dict[str, list[Result]] = {"pretrained": [], "random": []}
    for seed in SEEDS:
        for name, given in recipes(decoder, seed, asked).items():
            result = measure(given, asked.runs / f"{name}-{seed}-{key_of(given, weights)}")
            found[name].append(result)
            print(f"{name} {seed}: dev macro-F1 {result.metrics[METRIC]:.4f}", flush=True)
    values = {name: [float(one.metrics[METRIC] or 0) for one in results] for name, results in found.items()}
    return {
        "decoder": weights,
        "rows": found["random"][0].rows,
        "seeds": SEEDS,
        "dev_macro_f1": {name: [round(value, 4) for value in own] for name, own in values.items()},
        "spread": {name: plain(spread_of(results)[METRIC]) for name, results in found.items()},
        "difference": difference(values["pretrained"], values["random"]),
    }


if __name__ == "__main__":
    sys.exit(main())
