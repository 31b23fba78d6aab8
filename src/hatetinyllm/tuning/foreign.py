"""
What plain PEFT was told of a LoRA, a DoRA or an IA3, said again in the options of our tuning of the same name.

Which layers were tuned is read from the weights themselves, so it does not matter in which of PEFT's ways they were named.
What our options cannot say is refused by name. This file knows no checkpoint and no label.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peft import IA3Config, LoraConfig
from torch import nn

from hatetinyllm.tuning.places import find_layers
from hatetinyllm.tuning.tune import READOUT
from hatetinyllm.types import Choice

PREFIX = "base_model.model."  # of every name in PEFT's file
MARKS = (".lora_A.", ".ia3_l")  # what follows the name of a tuned layer there
KINDS = {"LORA": LoraConfig, "IA3": IA3Config}
MOST = 1_000_000  # for a rank and an alpha
STARTS = (True, False, "gaussian", "orthogonal", "eva", None)  # of LoRA's matrices; any other start changes the base as well

# What a configuration may say freely: it is said again by our options, read from the weights, or means nothing once trained.
HEARD = {
    *("peft_type", "task_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision", "inference_mode"),
    *("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "feedforward_modules", "modules_to_save"),
    *("r", "lora_alpha", "lora_dropout", "use_dora", "fan_in_fan_out", "init_lora_weights", "init_ia3_weights"),
}


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """An adapter of plain PEFT: what its configuration says, and the shapes of what was saved."""

    says: Mapping[str, Any]
    shapes: Mapping[str, tuple[int, ...]]

    @property
    def tuning(self) -> str:
        """The name of our tuning that is like it."""
        if self.says.get("peft_type") == "IA3":
            return "ia3"
        return "dora" if self.says.get("use_dora") else "lora"

    @property
    def layers(self) -> list[str]:
        """Full names of the layers that were tuned."""
        found = [name.partition(mark)[0] for name in self.shapes for mark in MARKS if mark in name]
        return [name.removeprefix(PREFIX) for name in dict.fromkeys(found)]

    @property
    def inputs(self) -> list[str]:
        """Of IA3, the layers that are stretched at their input: there the vector lies."""
        flat = {name.partition(MARKS[1])[0] for name, shape in self.shapes.items() if MARKS[1] in name and shape[:1] == (1,)}
        return [layer for layer in self.layers if PREFIX + layer in flat]


def unsayable(foreign: Foreign) -> list[str]:
    """All that a tuning of ours cannot say of an adapter."""
    says, kind = foreign.says, foreign.says.get("peft_type")
    if not isinstance(kind, str) or kind not in KINDS:
        return [f"peft_type is {kind!r}: a LoRA, a DoRA or an IA3 can be adopted"]
    usual = {item.name: _default(item) for item in dataclasses.fields(KINDS[kind])}
    problems = [
        f"{name} is {json.dumps(value)}: tuning {foreign.tuning!r} cannot express it"
        for name, value in says.items()
        if name not in HEARD and not _same(value, usual.get(name))
    ]
    if says.get("task_type") != "SEQ_CLS":
        problems.append(f"task_type is {says.get('task_type')!r}: only 'SEQ_CLS', which reads a text and answers a label")
    if kind == "LORA":
        problems += _wrong_lora(foreign)
    elif not foreign.inputs or len(foreign.inputs) == len(foreign.layers):
        problems.append("feedforward_modules: tuning 'ia3' stretches some layers at their output and some at their input")
    return [*problems, *_wrong_types(foreign), *_wrong_weights(foreign)]


def strange_layers(foreign: Foreign, net: nn.Module) -> list[str]:
    """Layers that were tuned and are no linear layers of this net."""
    linear = {*find_layers(net, (), foreign.tuning)}
    return [layer for layer in foreign.layers if layer not in linear]


def tuning_of(foreign: Foreign, net: nn.Module) -> Choice:
    """The tuning of ours that makes an adapter of the same shape, with all its options."""
    linear = find_layers(net, (), foreign.tuning)
    if foreign.tuning == "ia3":
        outputs = [layer for layer in foreign.layers if layer not in foreign.inputs]
        options = {"layers": _ends(outputs, linear), "feed_forward": _ends(foreign.inputs, linear)}
        return Choice(name="ia3", options=options)
    says = foreign.says
    numbers = {"rank": says["r"], "alpha": says["lora_alpha"], "dropout": float(says.get("lora_dropout") or 0.0)}
    return Choice(name=foreign.tuning, options={**numbers, "layers": _ends(foreign.layers, linear)})


def _ends(layers: Sequence[str], linear: Sequence[str]) -> tuple[str, ...]:
    """The last words of these layers' names where they name them and no others, else the full names."""
    ends = tuple(sorted({layer.rpartition(".")[2] for layer in layers}))
    return ends if {name for name in linear if name.endswith(ends)} == {*layers} else tuple(layers)


def _same(value: Any, usual: Any) -> bool:
    """Whether a value is the usual one; PEFT writes nothing in several ways."""
    return bool(value == usual or (not value and not usual))


def _default(item: "dataclasses.Field[Any]") -> Any:
    return item.default_factory() if item.default_factory is not dataclasses.MISSING else item.default


def _wrong_types(foreign: Foreign) -> Iterator[str]:
    """Values of another type than PEFT writes."""
    says = foreign.says
    for name in ("base_model_name_or_path", "revision"):
        if not isinstance(says.get(name), str | None):
            yield f"{name} is {_short(says[name])}: expected text"
    if not isinstance(saved := says.get("modules_to_save"), str | list | None):
        yield f"modules_to_save is {_short(saved)}: expected a list of names"
    for name, shape in foreign.shapes.items():
        if not shape:
            yield f"{name} is a single number, and no weight of an adapter is"


def _short(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= 80 else f"{told[:40]}... ({len(told):,} characters)"


def _wrong_lora(foreign: Foreign) -> Iterator[str]:
    says = foreign.says
    for name in ("r", "lora_alpha"):
        if type(says.get(name)) is not int or not 1 <= says[name] <= MOST:
            yield f"{name} is {_short(says.get(name))}: expected a whole number from 1 to {MOST:,}"
    ranks = {shape[0] for name, shape in foreign.shapes.items() if MARKS[0] in name and shape}
    if type(says.get("r")) is int and ranks - {says["r"]} and not says.get("rank_pattern"):
        yield f"r is {_short(says['r'])}, and its matrices are {', '.join(map(str, sorted(ranks)))} wide"
    dropout = says.get("lora_dropout") or 0.0
    if not isinstance(dropout, int | float) or not 0 <= dropout <= 1:
        yield f"lora_dropout is {_short(dropout)}: expected a number from 0 to 1"
    if (start := says.get("init_lora_weights", True)) not in STARTS:
        yield f"init_lora_weights is {start!r}: it changed the weights of the base too, and they are not here"


def _wrong_weights(foreign: Foreign) -> Iterator[str]:
    """What stands in the file besides tuned layers and a readout of two labels."""
    head = foreign.shapes.get(f"{PREFIX}{READOUT}.weight")
    if head is None:
        yield f"it holds no {READOUT}.weight: its readout was not saved, and without it there are no answers"
    elif head and head[0] != 2:
        yield f"its readout has {head[0]} labels: only one of two labels can be adopted"
    saved = foreign.says.get("modules_to_save") or []
    listed = saved if isinstance(saved, list) else [saved] if isinstance(saved, str) else []
    named = [str(name) for name in listed if name not in (READOUT, "classifier")]
    if named:  # PEFT names these two by itself
        yield f"modules_to_save names {', '.join(named)}: only the readout can be kept beside an adapter"
    if not foreign.layers:
        yield "it holds no tuned layer"
