"""
Claim: what the paper's four models cost on a graphics card, tuned as in the paper and as adapters.

python benchmarks/gpu.py             measures what is not measured yet on this card, and writes docs/results/gpu.md
python benchmarks/gpu.py --anew      measures everything again
python benchmarks/gpu.py --tiny --out FOLDER    the same with tiny shapes, on the CPU where there is no card: proves this file

The real shapes with random weights: speed does not ask what a weight says. Texts are random too, as long as posts are.
Every figure is written to docs/results/gpu.json as soon as it is there, so that a run that is cut off keeps what it has and
the next one goes on. Without a card nothing is measured, and the page says so.
"""

import argparse
import gc
import json
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel

from hatetinyllm.folder import write_text_whole
from hatetinyllm.models.card import ModelCard, card_of
from hatetinyllm.models.hub import attention_of
from hatetinyllm.models.known import configuration
from hatetinyllm.models.readout import Readout, pad_right
from hatetinyllm.models.scratch import load as load_scratch
from hatetinyllm.models.tiny import tiny_shape
from hatetinyllm.training.batches import batches_of_epoch
from hatetinyllm.training.optim import make_optimiser
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results"
MODELS = ("tinyllama", "opt-1.3b", "phi-2", "mistral-7b")  # the smallest first, so that a cut run has the most
TUNINGS = {
    "lora": {"rank": 2, "alpha": 16, "dropout": 0.05, "layers": ("k_proj", "v_proj")},  # the paper's
    "houlsby": {"bottleneck": 64},
}
WORKS = {
    "train step, bf16": "32-bit weights, arithmetic in 16 bits, AdamW",
    "forward, fp32": "32-bit weights, as the torch engine serves them",
    "forward, bf16": "16-bit weights",
}
BATCH, MEAN_TOKENS, MOST_TOKENS, SEED = 8, 30, 128, 42
WARM_BATCHES, ROUNDS = 3, 3
COLUMNS = ("model", "tuning", "work", "texts", "weights that learn", "s per 1,000 texts", "tokens per s", "peak memory")
HOW = f"""The real shapes with random weights, in batches of {BATCH} texts of like length, padded on the right.
The texts are random, about {MEAN_TOKENS} tokens long on average and {MOST_TOKENS} at most. LoRA is the paper's
(rank 2, k_proj and v_proj), the adapters have a bottleneck of 64. The best of {ROUNDS} rounds.
Packed (many texts in one row without padding): not yet.

""" + "".join(f"- {name}: {meaning}.\n" for name, meaning in WORKS.items())


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is measured on, and with which shapes."""

    device: torch.device
    tiny: bool
    texts: int

    def machine(self) -> dict[str, Any]:
        """What a figure is a figure of; another card or another torch begins a new list."""
        card = torch.cuda.get_device_properties(self.device) if self.device.type == "cuda" else None
        return {
            "device": card.name if card else platform.processor() or platform.machine(),
            "memory_bytes": card.total_memory if card else 0,
            "torch": torch.__version__,
            "cuda": torch.version.cuda or "none",
            "tiny": self.tiny,
        }


def cells() -> Iterator[tuple[str, str, str]]:
    """Model, tuning and work of every figure, model by model."""
    for model in MODELS:
        for tuning in TUNINGS:
            for work in WORKS:
                yield model, tuning, work


def measure(setting: Setting, model: str, tuning: str, work: str) -> dict[str, Any]:
    """One figure, or why there is none."""
    cell = {"model": model, "tuning": tuning, "work": work, "layout": f"batch of {BATCH}", "date": date.today().isoformat()}
    gc.collect()  # the net before this one holds itself by its hooks
    if setting.device.type == "cuda":
        torch.cuda.empty_cache()
    try:
        return cell | _measured(setting, model, tuning, work)
    except torch.OutOfMemoryError:
        return cell | {"failed": "out of memory"}


def _measured(setting: Setting, model: str, tuning: str, work: str) -> dict[str, Any]:
    net = build(setting, model, tuning)
    learns = sum(parameter.numel() for parameter in learning(net).values())
    if work == "forward, bf16":
        net = net.to(torch.bfloat16)
    do = _learner(net, setting.device) if work.startswith("train") else _reader(net)
    windows = texts_of(setting)
    order = batches_of_epoch([len(window) for window in windows], BATCH, seed=SEED, epoch=0)
    batches = [pad_right([windows[row] for row in rows], setting.device) for rows in order]
    if setting.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(setting.device)
    _round(do, batches[:WARM_BATCHES], setting.device)
    seconds = min(_round(do, batches, setting.device) for _ in range(ROUNDS))
    return {
        "texts": len(windows),
        "learn": learns,
        "s_per_1000": 1000 * seconds / len(windows),
        "tokens_per_s": sum(map(len, windows)) / seconds,
        "peak_bytes": torch.cuda.max_memory_allocated(setting.device) if setting.device.type == "cuda" else None,
    }


def build(setting: Setting, model: str, tuning: str) -> nn.Module:
    """A model's shape with random weights, tuned, on the device."""
    card = card_of(model)
    assert card is not None, f"{model} has no card"
    config = _tiny(card) if setting.tiny else configuration(card)
    torch.manual_seed(SEED)
    with setting.device:
        decoder = AutoModel.from_config(config, dtype=torch.float32, attn_implementation=attention_of(config))
        net = Readout(decoder, 2)
        return tune(net, Choice(name=tuning, options=TUNINGS[tuning])).net.to(setting.device)


def _tiny(card: ModelCard) -> Any:
    return AutoConfig.for_model(**tiny_shape(card, load_scratch(2, layers=1, width=8, heads=2).tokenizer))


def texts_of(setting: Setting) -> list[list[int]]:
    """Random ids in texts as long as posts are: most of them short, a few at the limit."""
    chance = random.Random(SEED)
    lengths = [max(3, min(MOST_TOKENS, round(chance.lognormvariate(0, 0.6) * MEAN_TOKENS * 0.835))) for _ in range(setting.texts)]
    return [[chance.randrange(3, 1000) for _ in range(length)] for length in lengths]


def _learner(net: nn.Module, device: torch.device) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """A step as `train` does it."""
    optimiser = make_optimiser(learning(net), learning_rate=1e-6, weight_decay=0.001)
    net.train()

    def step(ids: torch.Tensor, lengths: torch.Tensor) -> None:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = net(ids, lengths)
        nn.functional.cross_entropy(logits, torch.zeros(len(ids), dtype=torch.long, device=device)).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()

    return step


def _reader(net: nn.Module) -> Callable[[torch.Tensor, torch.Tensor], None]:
    net.eval()

    @torch.inference_mode()
    def read(ids: torch.Tensor, lengths: torch.Tensor) -> None:
        net(ids, lengths)

    return read


def _round(
    do: Callable[[torch.Tensor, torch.Tensor], None], batches: Sequence[tuple[torch.Tensor, torch.Tensor]], device: torch.device
) -> float:
    """Seconds for these batches, to the last kernel."""
    _wait_for(device)
    began = time.perf_counter()
    for ids, lengths in batches:
        do(ids, lengths)
    _wait_for(device)
    return time.perf_counter() - began


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def read_found(path: Path) -> dict[str, Any]:
    """What was measured before; nothing where nobody measured."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"machine": {}, "figures": []}
    return found


def go_on(setting: Setting, out: Path, *, anew: bool) -> None:
    """Measure what is not there yet, and write after each figure."""
    path, machine = out / "gpu.json", setting.machine()
    found = read_found(path)
    if anew or found["machine"] != machine:
        found = {"machine": machine, "figures": []}
    done = {(one["model"], one["tuning"], one["work"]) for one in found["figures"]}
    for cell in cells():
        if cell not in done:
            found["figures"].append(measure(setting, *cell))
            write_text_whole(path, json.dumps(found, indent=1) + "\n")
            write_text_whole(out / "gpu.md", page(found))
            print(" | ".join(_line(found["figures"][-1])), flush=True)


def page(found: dict[str, Any]) -> str:
    """The page: a table of the figures, or that there are none and why."""
    head = "# On a graphics card\n\nWritten by `python benchmarks/gpu.py`; do not edit.\n\n"
    if not found["figures"]:
        return head + _none_page()
    machine, done = found["machine"], {(one["model"], one["tuning"], one["work"]) for one in found["figures"]}
    days = sorted({one["date"] for one in found["figures"]})
    memory = f", {machine['memory_bytes'] / 2**30:.0f} GiB" if machine["memory_bytes"] else ""
    told = f"{machine['device']}{memory}, torch {machine['torch']}, CUDA {machine['cuda']}"
    tiny = "**Tiny shapes: these figures prove the benchmark and say nothing of the models.**\n\n" if machine["tiny"] else ""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *map(_line, found["figures"])]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    missing = sum(cell not in done for cell in cells())
    cut = f"\nNot measured yet: {missing} of {len(list(cells()))} figures; the command goes on with them.\n" if missing else ""
    return f"{head}{told}, {' to '.join(dict.fromkeys((days[0], days[-1])))}.\n\n{tiny}{HOW}\n{table}{cut}"


def _none_page() -> str:
    where = f"{platform.system()}, {platform.machine()}, torch {torch.__version__}"
    return (
        f"**Nothing has been measured: there was no CUDA card.** Looked for on {date.today().isoformat()} ({where}).\n\n"
        "On a machine with a card, in a checkout with `pip install -e '.[train]'`, the command fills this page: "
        f"{len(list(cells()))} figures for {', '.join(MODELS)}, each with {' and '.join(TUNINGS)}. No weights are downloaded. "
        f"A run that is cut off keeps what it has, and the next one goes on.\n\n## What is measured\n\n{HOW}"
    )


def _line(one: dict[str, Any]) -> list[str]:
    if "failed" in one:
        return [one["model"], one["tuning"], one["work"], "–", "–", one["failed"], "–", "–"]
    memory = "–" if one["peak_bytes"] is None else f"{one['peak_bytes'] / 2**30:.2f} GiB"
    figures = [f"{one['texts']:,}", f"{one['learn']:,}", f"{one['s_per_1000']:.3g}", f"{one['tokens_per_s']:,.0f}", memory]
    return [one["model"], one["tuning"], one["work"], *figures]


def main() -> int:
    """Measures, or writes that there is nothing to measure on."""
    asked = argparse.ArgumentParser(description="What the paper's models cost on a graphics card.")
    asked.add_argument("--anew", action="store_true", help="measure everything again")
    asked.add_argument("--tiny", action="store_true", help="tiny shapes, on the CPU where there is no card; needs --out")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where gpu.json and gpu.md go")
    given = asked.parse_args()
    if given.tiny and given.out == RESULTS:
        asked.error("--tiny needs --out: its figures are no results")
    given.out.mkdir(parents=True, exist_ok=True)
    if given.tiny or torch.cuda.is_available():
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        go_on(Setting(device=device, tiny=given.tiny, texts=32 if given.tiny else 1024), given.out, anew=given.anew)
        return 0
    found = read_found(given.out / "gpu.json")
    write_text_whole(given.out / "gpu.md", page(found))
    kept = f"the page shows what was measured on {found['machine']['device']}" if found["figures"] else "the page says so"
    print(f"there is no CUDA card here: {kept}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
