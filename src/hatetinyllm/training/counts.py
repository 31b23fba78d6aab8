"""Which weights of a net learn, and how many: exact, from shapes alone."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoModelForCausalLM

from hatetinyllm.models.readout import Readout
from hatetinyllm.tuning.tune import READOUT, learning

BLOCK = re.compile(r"\.\d+\.")  # the first number in a name is the block's
WRAPPINGS = re.compile(r"\.(base_layer|modules_to_save\.default)(?=\.)")  # what PEFT puts into the name of a weight


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a net was before it was tuned; what is tied counts once."""

    weights: int  # decoder and readout
    causal_weights: int | None  # the same decoder as a language model, with its output matrix
    names: frozenset[str]  # of its weights
    parts: frozenset[str]  # names of its layers
    blocks: int


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer where something learns: its name within its block, in how many blocks, and how many weights in all."""

    name: str
    times: int
    weights: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many weights learn, what share of the whole they are, and where they are."""

    adapter: int  # weights that were added
    decoder: int  # weights the decoder had
    readout: int
    net: int  # all weights: decoder, adapter and readout
    causal: int | None  # all weights of the language model and the adapter
    layers: tuple[Layer, ...]
    blocks: int

    @property
    def total(self) -> int:
        """All weights that learn."""
        return self.adapter + self.decoder + self.readout

    @property
    def share(self) -> float:
        """Of the net, all that learns."""
        return self.total / self.net

    @property
    def causal_share(self) -> float | None:
        """Of the language model, what learns without the readout: the way papers count."""
        return (self.adapter + self.decoder) / self.causal if self.causal else None


def shape_of(net: Readout) -> Shape:
    """What a net is before it is tuned."""
    return Shape(
        weights=_size(net.parameters()),
        causal_weights=_causal_weights(net),
        names=frozenset(name for name, _ in net.named_parameters()),
        parts=frozenset(name for name, _ in net.named_modules() if name),
        blocks=int(getattr(net.config, "num_hidden_layers", 0)),
    )


def count(shape: Shape, net: nn.Module) -> Counts:
    """What learns in a tuned net; PEFT's frozen copy of the readout is no part of it."""
    kinds: dict[str, dict[str, nn.Parameter]] = {"adapter": {}, "decoder": {}, "readout": {}}
    for name, parameter in learning(net).items():
        own = WRAPPINGS.sub("", name) in shape.names
        kinds["readout" if name.partition(".")[0] == READOUT else "decoder" if own else "adapter"][name] = parameter
    sizes = {kind: _size(found.values()) for kind, found in kinds.items()}
    return Counts(
        adapter=sizes["adapter"],
        decoder=sizes["decoder"],
        readout=sizes["readout"],
        net=shape.weights + sizes["adapter"],
        causal=shape.causal_weights and shape.causal_weights + sizes["adapter"],
        layers=_layers(shape, {**kinds["adapter"], **kinds["decoder"]}),
        blocks=shape.blocks,
    )


def _layers(shape: Shape, learns: Mapping[str, nn.Parameter]) -> tuple[Layer, ...]:
    """The layers that learn, alike ones of all blocks together, in the order of the net."""
    sizes: dict[str, int] = {}
    places: dict[str, set[str]] = {}
    for name, parameter in learns.items():
        place = _place_of(name, shape.parts)
        kind = BLOCK.split(place, maxsplit=1)[-1]
        sizes[kind] = sizes.get(kind, 0) + parameter.numel()
        places.setdefault(kind, set()).add(place)
    return tuple(Layer(name=kind, times=len(places[kind]), weights=size) for kind, size in sizes.items())


def _place_of(name: str, parts: frozenset[str]) -> str:
    """The layer of the untuned net a weight belongs to: the longest beginning of its name that was a layer's."""
    place = name.rpartition(".")[0]
    while place and place not in parts:
        place = place.rpartition(".")[0]
    return place or name.partition(".")[0]


def _causal_weights(net: Readout) -> int | None:
    """Of the decoder as a language model; None where Transformers knows no such form of it."""
    if type(net.config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        return None
    with torch.device("meta"):
        return _size(AutoModelForCausalLM.from_config(net.config).parameters())


def _size(parameters: Iterable[nn.Parameter]) -> int:
    return sum(parameter.numel() for parameter in parameters)
