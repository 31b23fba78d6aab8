"""
What following a recipe would come to: which weights learn, and the memory and the time it takes on this machine.

Nothing is trained and nothing is written. The net and its tuning are built on the meta device from the configuration alone,
a step is rehearsed without numbers, and its operations are timed for a second. What is assumed is said.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.data.expected import Expected, expect
from hatetinyllm.errors import ModelError, TrainingError
from hatetinyllm.labels import SCHEMES
from hatetinyllm.machine import Machine
from hatetinyllm.models.lower import freeze_below
from hatetinyllm.models.model import outline
from hatetinyllm.models.readout import Readout
from hatetinyllm.text.encode import SLOT
from hatetinyllm.training.bench import recomputed
from hatetinyllm.training.beside import expected_rows
from hatetinyllm.training.counts import Counts, Shape, count, shape_of
from hatetinyllm.training.duration import Duration, foresee_duration
from hatetinyllm.training.memory import FLOAT_BYTES, HALF_BYTES, Memory, foresee_memory, frozen_matrices
from hatetinyllm.training.precision import to_halve
from hatetinyllm.training.rehearsal import Block, Manner, Rehearsal, rehearse
from hatetinyllm.training.steps import Steps, foresee_steps, fullest_part
from hatetinyllm.tuning.tune import Tuned, freeze_readout, learning, tune

JUDGED_TOKENS = 8192  # of a block when texts are judged, as `logits_of` has it
READ_TEXTS = 16  # of a block from which the time to judge a text is worked out
MEAN_TOKENS = 35  # of a text nobody looked at: by our tokenizer the texts of five data sets have 22 to 59
CHARACTERS_PER_TOKEN = 3.4  # of the demo's texts by our tokenizer; 3.0 to 3.3 in four data sets of English posts


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A recipe's weights, rows, memory and time; no steps and no time where nobody knows how many rows there are."""

    counts: Counts
    rows: Expected
    batch: Block  # what one part of a batch is at most
    layout: str  # packed or padded: how texts are laid to learn from them
    memory: Memory
    mean_tokens: float
    steps: Steps | None
    kept_bytes: int  # on disk while it trains, of what enters the lowest block that learns; 0 where that is not kept
    duration: Duration | None
    assumed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Outline:
    """A tuned net of shapes, and what it was before."""

    shape: Shape
    tuned: Tuned
    max_tokens: int | None
    halved: int  # weights that are in 16 bits while it learns, and were in 32
    rounded: bool  # and are not what they were then


def plan(recipe: Recipe, machine: Machine) -> Plan:
    """Work out what following a checked recipe would come to on this machine."""
    rows = _expected(recipe)
    train = recipe["train"].options
    device = torch.device("cuda" if train["device"] == "auto" and torch.cuda.is_available() else "cpu")
    built = _outline(recipe, rows)
    _require_room(recipe, built)
    tokens = int(recipe["text"].options["max_tokens"])
    batch = fullest_part(train, tokens)
    counts = count(built.shape, built.tuned.net)
    judged = max(1, min(JUDGED_TOKENS // tokens, max(rows.rows.get("dev", 0), rows.rows.get("test", 0)) or JUDGED_TOKENS))
    fullest = _rehearsed(built.tuned, recipe, device, learnt=batch, read=Block(texts=judged, tokens=tokens))
    memory = foresee_memory(
        built.tuned.net,
        fullest,
        in_parts=train["parts"] > 1,
        in_4_bits=recipe["tuning"].name == "qlora",
        halved=built.halved,
        rounded=built.rounded,
        averaged=train["averaging"] > 0,
        device=device.type,
        available=machine.gpu_memory if device.type == "cuda" else machine.memory,
    )
    mean, assumed = _mean_tokens(recipe, rows)
    steps = foresee_steps(train, rows.rows["train"], mean) if rows.rows else None
    kept = _kept_bytes(train, rows, built.tuned.net, mean) if fullest.lower else 0
    return Plan(
        counts=counts,
        rows=rows,
        batch=batch,
        layout="packed" if fullest.packed else "padded" if train["layout"] == "packed" else train["layout"],
        memory=memory,
        mean_tokens=mean,
        steps=steps,
        kept_bytes=kept,
        duration=_duration(recipe, rows, steps, device, learns=counts.total, kept=kept) if steps else None,
        assumed=(*assumed, *_assumed(train, fullest, steps), *rows.notes),
    )


def _expected(recipe: Recipe) -> Expected:
    """The rows of the data, and in train those of the sets beside it."""
    rows = expect(recipe["data"], recipe["sample"].options, recipe["split"])
    notes = [
        f"head {name!r} is counted with all its {len(SCHEMES[name].labels)} labels: those that no train row has are left out"
        for name in recipe["heads"].options["heads"]
        if SCHEMES[name].many
    ]
    if beside := expected_rows(**recipe["beside"].options):
        notes.append(f"of train about {beside:,} rows are those of [beside]: their kin among what judges are left out")
    counted = {**rows.rows, "train": rows.rows["train"] + beside} if rows.rows else {}
    return replace(rows, rows=counted, notes=(*rows.notes, *notes))


def _duration(recipe: Recipe, rows: Expected, steps: Steps, device: torch.device, *, learns: int, kept: int) -> Duration:
    read, train = Block(texts=READ_TEXTS, tokens=steps.part.tokens), recipe["train"].options
    return foresee_duration(
        _rehearsed(_outline(recipe, rows).tuned, recipe, device, learnt=steps.part, read=read),
        steps,
        read,
        train,
        rows.rows,
        learns=learns,
        kept_bytes=kept,
        probes=recipe["bundle"].options["form"] == "standalone" or recipe["model"].name == "scratch",
        device=device,
    )


def _rehearsed(tuned: Tuned, recipe: Recipe, device: torch.device, *, learnt: Block, read: Block) -> Rehearsal:
    """As the recipe has it learn; what is kept in 4 bits is not worked by hand."""
    train = recipe["train"].options
    manner = Manner(
        halved=train["precision"] != "fp32",
        packs=train["layout"] == "packed",
        by_hand=device.type == "cpu" and recipe["tuning"].name != "qlora",
        frozen_blocks=train["frozen_blocks"],
    )
    with recomputed(tuned) if train["recompute"] else nullcontext():
        return rehearse(tuned.net, learnt=learnt, read=read, manner=manner)


def _kept_bytes(train: Mapping[str, Any], rows: Expected, net: nn.Module, mean_tokens: float) -> int:
    """A number for each unit of the hidden state of each token to learn from."""
    assert isinstance(net, Readout)
    number = FLOAT_BYTES if train["precision"] == "fp32" else HALF_BYTES
    return round(rows.rows.get("train", 0) * mean_tokens) * int(net.config.hidden_size) * number


def _assumed(train: Mapping[str, Any], fullest: Rehearsal, steps: Steps | None) -> list[str]:
    """What only the training itself can tell."""
    told = ["the net proves that it may read packed texts: it is asked when training begins"] if fullest.packed else []
    told += ["what enters the lowest block that learns is kept: the net is asked"] if fullest.lower else []
    if steps and steps.estimated:
        told.append(
            f"a batch of {train['batch_tokens']:,} tokens ends half a text before it is full, so the steps are about so many"
        )
    return told


def _outline(recipe: Recipe, rows: Expected) -> _Outline:
    """The recipe's net, tuned, without weights."""
    names = recipe["heads"].options["heads"] or (rows.scheme,)
    net = outline(recipe["model"], sum(len(SCHEMES[name].labels) for name in names))
    if recipe["readout"].name == "label-words":
        _take_words(net)
    shape = shape_of(net)
    with torch.device("meta"):
        tuned = tune(net, recipe["tuning"])
    train = recipe["train"].options
    if recipe["tuning"].name == "qlora" and train["precision"] != "fp32":
        _spare_casts(tuned.net)
    if not recipe["readout"].options.get("learns", True):
        freeze_readout(tuned.net)
    freeze_below(tuned.net, train["frozen_blocks"])
    if not learning(tuned.net):
        raise TrainingError("nothing would learn", [f"not the readout, and no weight by tuning {recipe['tuning'].name!r}"])
    halved = to_halve(tuned.net) if train["precision"] == "bf16-frozen" else []
    for parameter in halved:
        parameter.data = parameter.data.to(torch.bfloat16)
    return _Outline(
        shape=shape,
        tuned=tuned,
        max_tokens=getattr(net.config, "max_position_embeddings", None),
        halved=sum(parameter.numel() for parameter in halved),
        rounded=getattr(net.config, "dtype", None) not in (torch.bfloat16, "bfloat16"),  # as its checkpoint has them
    )


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
