"""The page of the benchmark of graphics cards: what is measured, how, and what was found."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import torch

from hatetinyllm.data.dynahate import CARD as DYNAHATE
from hatetinyllm.studies import paper

RACED = ("tinyllama", "opt-1.3b", "phi-2")  # the paper's, the smallest first, so that a cut run has the most
MODELS = (*RACED, "mistral-7b")
TUNINGS: Mapping[str, Mapping[str, Any]] = {
    "lora": {"rank": 2, "alpha": 16, "dropout": 0.05, "layers": ("k_proj", "v_proj")},  # the paper's
    "houlsby": {"bottleneck": 64},
}
BATCH, BUDGET, MEAN_TOKENS, MOST_TOKENS = 8, 16_384, 30, 128
WARM_BATCHES, SECONDS, MINUTES = 4, 5.0, 7.0
EPOCH_TEXTS = sum(DYNAHATE.counts["train"].values())
PACKED, BASELINE = "packed, batches of 8", "Trainer, padded to 128"
RACE = {
    BASELINE: "Hugging Face Trainer and PEFT, every text filled up to 128 tokens",
    "Trainer, padded to the longest": "the same, filled up to the longest of a batch",
    "Trainer, grouped by length": "the same, with the Trainer's own grouping of like lengths",
}
OURS = {
    PACKED: "a step as `train` does it, batches of 8 texts in one row",
    "packed, 16k tokens": f"the same, with about {BUDGET:,} tokens a step: another optimisation, more texts to a step",
    "packed, 16k tokens, frozen in 16 bits": "the same, the weights that do not learn kept in 16 bits",
    "padded, batches of 8": 'a step as `train` does it with `layout = "padded"`',
}
FORWARD = {
    "forward, fp32": "reading alone, 32-bit weights, padded batches of 8 texts of like length",
    "forward, bf16": "the same, 16-bit weights",
}
WORKS = {**RACE, **OURS, **FORWARD}
COLUMNS = (
    "model",
    "tuning",
    "work",
    "weights that learn",
    "texts per s",
    f"to {BASELINE}",
    "tokens per s",
    "of the matmul rate",
    "an epoch of DynaHate",
    "peak memory",
)
HOW = f"""The real shapes with random weights; the texts are random, about {MEAN_TOKENS} tokens long on average and at most
{MOST_TOKENS}. LoRA is the paper's (rank 2, k_proj and v_proj), the adapters have a bottleneck of 64. Training: AdamW, 32-bit
weights and arithmetic in 16 bits (bf16), gradients clipped. A figure is all that was done in {SECONDS:g} seconds, after
{WARM_BATCHES} batches to get warm. Tokens are those of texts, never what a batch is filled up with. The share of the matmul
rate is useful operations (src/hatetinyllm/training/flops.py) a second over what the model's own matrices reach at 1,024
rows in bf16, measured right before. An epoch of DynaHate is extrapolated: its {EPOCH_TEXTS:,} training texts
at the measured rate.

""" + "".join(f"- {name}: {meaning}.\n" for name, meaning in WORKS.items())


def cells() -> Iterator[tuple[str, str, str]]:
    """Model, tuning and work of every figure: first the race, then the rest model by model."""
    for model in RACED:
        yield from ((model, "lora", work) for work in (*RACE, *OURS))
    for model in MODELS:
        for tuning in TUNINGS:
            raced = model in RACED and tuning == "lora"
            yield from ((model, tuning, work) for work in (*(() if raced else OURS), *FORWARD))


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
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(line_of(one, found["figures"]) for one in found["figures"])]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    missing = sum(cell not in done for cell in cells())
    cut = f"\nNot measured yet: {missing} of {len(list(cells()))} figures; the command goes on with them.\n" if missing else ""
    below = _told(found["figures"]) + _beside_paper(found["figures"])
    return f"{head}{told}, {' to '.join(dict.fromkeys((days[0], days[-1])))}.\n\n{tiny}{HOW}\n{table}{cut}{below}"


def _none_page() -> str:
    where = f"{platform.system()}, {platform.machine()}, torch {torch.__version__}"
    return (
        f"**Nothing has been measured: there was no CUDA card.** Looked for on {date.today().isoformat()} ({where}).\n\n"
        "On a machine with a card, in a checkout with `pip install -e '.[train]'`, the command fills this page: "
        f"{len(list(cells()))} figures for {', '.join(MODELS)}, in turns of {MINUTES:g} minutes. No weights are downloaded. "
        f"A run that is cut off keeps what it has, and the next one goes on.\n\n## What is measured\n\n{HOW}"
    )


def line_of(one: dict[str, Any], figures: Sequence[dict[str, Any]]) -> list[str]:
    """A figure as a row of the table."""
    if "failed" in one:
        return [one["model"], one["tuning"], one["work"], "–", one["failed"], *["–"] * (len(COLUMNS) - 5)]
    slow = _figure(figures, one["model"], one["tuning"], BASELINE)
    training = one["work"] not in FORWARD
    return [
        one["model"],
        one["tuning"],
        one["work"],
        f"{one['learn']:,}",
        f"{one['texts_per_s']:,.1f}",
        f"{one['texts_per_s'] / slow['texts_per_s']:.2f} x" if slow and training else "–",
        f"{one['tokens_per_s']:,.0f}",
        f"{one['share']:.2f}" if training else "–",
        f"{EPOCH_TEXTS / one['texts_per_s']:,.0f} s" if training else "–",
        "–" if one["peak_bytes"] is None else f"{one['peak_bytes'] / 2**30:.2f} GiB",
    ]


def _figure(figures: Sequence[dict[str, Any]], model: str, tuning: str, work: str) -> dict[str, Any] | None:
    """One that was measured."""
    found = (one for one in figures if (one["model"], one["tuning"], one["work"]) == (model, tuning, work))
    return next((one for one in found if "failed" not in one), None)


def _told(figures: Sequence[dict[str, Any]]) -> str:
    """How the texts were parted, and what the nets said of it."""
    ways = {(one["model"], one["attention"] or "padded") for one in figures if one.get("work") in OURS and "attention" in one}
    notes = dict.fromkeys(f"{one['model']}: {note}" for one in figures for note in one.get("notes", ()))
    lines = [
        f"{model} by {', '.join(sorted(way for own, way in ways if own == model))}" for model in sorted({m for m, _ in ways})
    ]
    return (f"\nTexts were parted: {'; '.join(lines)}.\n" if lines else "") + "".join(f"- {note}\n" for note in notes)


def _beside_paper(figures: Sequence[dict[str, Any]]) -> str:
    """Three epochs, as the paper prints their time and as they would take here."""
    times = next(setting.values for setting in paper.SETTINGS["IV"] if setting.name == paper.TIME)
    printed = dict(zip(("tinyllama", "phi-2", "opt-1.3b"), times, strict=True))
    lines = [
        f"- {model}: {printed[model]} in the paper; {3 * EPOCH_TEXTS / one['texts_per_s'] / 60:.1f} minutes at the rate of"
        f" {PACKED!r} on this card\n"
        for model in RACED
        if (one := _figure(figures, model, "lora", PACKED))
    ]
    return "\nThree epochs of DynaHate by LoRA (extrapolated; the paper's card is another):\n\n" + "".join(lines) if lines else ""
