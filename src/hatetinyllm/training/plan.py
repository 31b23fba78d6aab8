"""
What following a recipe would come to: which weights learn, and the memory and the time it takes on this machine.

Nothing is trained and nothing is written. The net and its tuning are built on the meta device from the configuration alone,
a step is rehearsed without numbers, and its operations are timed for a second. What is assumed is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.data.expected import Expected, expect
from hatetinyllm.errors import ModelError, TrainingError
from hatetinyllm.labels import SCHEMES
from hatetinyllm.machine import Machine
from hatetinyllm.models.model import outline
from hatetinyllm.models.readout import Readout
from hatetinyllm.text.encode import SLOT
from hatetinyllm.training.counts import Counts, Shape, count, shape_of
from hatetinyllm.training.duration import Duration, foresee_duration
from hatetinyllm.training.memory import Memory, foresee_memory, frozen_matrices
from hatetinyllm.training.rehearsal import Block, Manner, rehearse
from hatetinyllm.tuning.tune import Tuned, freeze_readout, learning, tune

JUDGED_TOKENS = 8192  # of a block when texts are judged, as `logits_of` has it
READ_TEXTS = 16  # of a block from which the time to judge a text is worked out
MEAN_TOKENS = 35  # of a text nobody looked at: by our tokenizer the texts of five data sets have 22 to 59
CHARACTERS_PER_TOKEN = 3.4  # of the demo's texts by our tokenizer; 3.0 to 3.3 in four data sets of English posts


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A recipe's weights, rows, memory and time; no time where nobody knows how many rows there are."""

    counts: Counts
    rows: Expected
    batch: Block  # what one part of a batch is at most
    memory: Memory
    mean_tokens: float
    duration: Duration | None
    assumed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Outline:
    """A tuned net of shapes, and what it was before."""

    shape: Shape
    tuned: Tuned
    max_tokens: int | None


def plan(recipe: Recipe, machine: Machine) -> Plan:
    """Work out what following a checked recipe would come to on this machine."""
    rows = expect(recipe["data"], recipe["sample"].options, recipe["split"])
    train = recipe["train"].options
    device = torch.device("cuda" if train["device"] == "auto" and torch.cuda.is_available() else "cpu")
    built = _outline(recipe, rows)
    _require_room(recipe, built)
    tokens = int(recipe["text"].options["max_tokens"])
    batch = Block(texts=-(-train["batch_size"] // train["parts"]), tokens=tokens)
    counts = count(built.shape, built.tuned.net)
    judged = max(1, min(JUDGED_TOKENS // tokens, max(rows.rows.get("dev", 0), rows.rows.get("test", 0)) or JUDGED_TOKENS))
    manner = _manner(train)
    fullest = rehearse(built.tuned.net, learnt=batch, read=Block(texts=judged, tokens=tokens), manner=manner)
    memory = foresee_memory(
        built.tuned.net,
        fullest,
        in_parts=train["parts"] > 1,
        in_4_bits=recipe["tuning"].name == "qlora",
        device=device.type,
        available=machine.gpu_memory if device.type == "cuda" else machine.memory,
    )
    mean, assumed = _mean_tokens(recipe, rows)
    duration = _duration(recipe, rows, counts, Block(texts=batch.texts, tokens=round(mean)), device) if rows.rows else None
    return Plan(
        counts=counts, rows=rows, batch=batch, memory=memory, mean_tokens=mean, duration=duration, assumed=(*assumed, *rows.notes)
    )


def _duration(recipe: Recipe, rows: Expected, counts: Counts, block: Block, device: torch.device) -> Duration:
    read = Block(texts=READ_TEXTS, tokens=block.tokens)
    net = _outline(recipe, rows).tuned
    rehearsal = rehearse(net.net, learnt=block, read=read, manner=_manner(recipe["train"].options))
    return foresee_duration(
        rehearsal,
        read,
        recipe["train"].options,
        rows.rows,
        learns=counts.total,
        probes=recipe["bundle"].options["form"] == "standalone" or recipe["model"].name == "scratch",
        device=device,
    )


def _manner(train: Mapping[str, Any]) -> Manner:
    """How a step is worked, by the options of `train`."""
    return Manner(halved=train["precision"] != "fp32", packs=train["layout"] == "packed")


def _outline(recipe: Recipe, rows: Expected) -> _Outline:
    """The recipe's net, tuned, without weights."""
    names = recipe["heads"].options["heads"] or (rows.scheme,)
    net = outline(recipe["model"], sum(len(SCHEMES[name].labels) for name in names))
    if recipe["readout"].name == "label-words":
        _take_words(net)
    shape = shape_of(net)
    with torch.device("meta"):
        tuned = tune(net, recipe["tuning"])
    if recipe["tuning"].name == "qlora" and recipe["train"].options["precision"] == "bf16":
        _spare_casts(tuned.net)
    if not recipe["readout"].options.get("learns", True):
        freeze_readout(tuned.net)
    if not learning(tuned.net):
        raise TrainingError("nothing would learn", [f"not the readout, and no weight by tuning {recipe['tuning'].name!r}"])
    limit = getattr(net.config, "max_position_embeddings", None)
    return _Outline(shape=shape, tuned=tuned, max_tokens=limit)


def _spare_casts(net: nn.Module) -> None:
    """What is unpacked from 4 bits is in 16 at once, and nothing of it is kept for the gradients."""
    for part in frozen_matrices(net):
        part.weight.data = part.weight.data.to(torch.bfloat16)


def _take_words(net: Readout) -> None:
    """Give the readout rows of the shape that the output matrix has."""
    with torch.device("meta"):
        output: Any = AutoModelForCausalLM.from_config(net.config).get_output_embeddings()
    labels = net.score.out_features
    net.take_rows(output.weight[:labels], None if output.bias is None else output.bias[:labels])


def _require_room(recipe: Recipe, built: _Outline) -> None:
    """The longest window must fit the positions of the model, beside what the tuning puts before it."""
    tokens, taken = recipe["text"].options["max_tokens"], built.tuned.virtual_tokens
    if built.max_tokens and tokens + taken > built.max_tokens:
        beside = f", and {taken} of them are the tuning's" if taken else ""
        raise ModelError(f"text.max_tokens is {tokens}, the model reads at most {built.max_tokens}{beside}")


def _mean_tokens(recipe: Recipe, rows: Expected) -> tuple[float, list[str]]:
    """Tokens of a text on average, never more than a window has, and what was assumed to say so."""
    limit, prompt = recipe["text"].options["max_tokens"], recipe["text"].options["prompt"].replace(SLOT, "")
    if rows.mean_characters is None:
        text, told = float(MEAN_TOKENS), f"{MEAN_TOKENS} tokens a text: nobody looked at the texts"
    else:
        text = rows.mean_characters / CHARACTERS_PER_TOKEN
        told = f"{CHARACTERS_PER_TOKEN} characters a token, so {text:.0f} tokens a text of {rows.mean_characters:.0f} characters"
    if prompt:
        told += f", and {len(prompt) / CHARACTERS_PER_TOKEN:.0f} of the prompt"
    return max(1.0, min(float(limit), text + len(prompt) / CHARACTERS_PER_TOKEN)), [told]
