"""
A Llama-shaped decoder with its readout as an ONNX graph: token ids and lengths in, logits out.

It is what models/readout.py does: texts are padded on the right, no token sees what stands to its right, and the last
token is found by the length. Of the last block only the last token is computed, for nothing else of it is read. The
numbers of the weights stay where they are, in a safetensors file; 16-bit ones become 32-bit where they are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.inference.protobuf import FLOAT, HALF, INT64, Attribute, Outside, inside, model, node, outside, value

IDS, LENGTHS, LOGITS = "input_ids", "lengths", "logits"
EACH, ONE = 0, 1  # in a new shape: the size as it was, and a size of one


@dataclass(frozen=True, kw_only=True)
class Llama:
    """The shape of a decoder, as far as its tensors do not tell it."""

    layers: int
    key_heads: int
    group: int  # query heads of each key head
    head_size: int
    epsilon: float
    frequencies: NDArray[np.float32]  # of the rotation, half the head's size
    decoder: str = "model"  # what the names of its tensors begin with
    n_labels: int
    bias: bool = False  # of the readout


@dataclass(frozen=True, kw_only=True)
class Places:
    """Which tokens ask: how they are turned, and what of the text they may see."""

    cos: str
    sin: str
    mask: str


class _Graph:
    """Nodes and numbers as they are added; each thing goes by a name."""

    def __init__(self, weights: Mapping[str, Outside], file: str) -> None:
        self.weights, self.file = weights, file
        self.nodes: list[bytes] = []
        self.numbers: dict[str, bytes] = {}

    def add(self, operator: str, *inputs: str, out: str = "", **attributes: Attribute) -> str:
        """One node with one output; returns its name."""
        name = out or f"{operator}_{len(self.nodes)}"
        self.nodes.append(node(operator, inputs, [name], **attributes))
        return name

    def halves(self, whole: str) -> tuple[str, str]:
        """The first and the second half of the last axis."""
        names = f"first_{len(self.nodes)}", f"second_{len(self.nodes)}"
        self.nodes.append(node("Split", [whole], names, axis=-1))
        return names

    def constant(self, numbers: object, dtype: type = np.int64) -> str:
        """Numbers that stand in the graph itself."""
        array: NDArray[Any] = np.asarray(numbers, dtype=dtype)
        name = f"{array.dtype.name}_{'x'.join(map(str, array.shape))}_{array.tobytes().hex()}"
        self.numbers.setdefault(name, inside(name, array))
        return name

    def stored(self, name: str) -> str:
        """A tensor as it lies in the file of weights."""
        self.numbers.setdefault(name, outside(name, self.weights[name], self.file))
        return name

    def weight(self, name: str) -> str:
        """A tensor of the file in 32 bits."""
        return self.widened(self.stored(name), self.weights[name].kind)

    def widened(self, name: str, kind: int) -> str:
        """In 32 bits, if it is not."""
        return self.add("Cast", name, to=FLOAT) if kind == HALF else name

    def linear(self, rows: str, name: str) -> str:
        """A linear layer; its weight lies there one row an output."""
        return self.add("MatMul", rows, self.add("Transpose", self.weight(name), perm=(1, 0)))

    def norm(self, rows: str, name: str, epsilon: float) -> str:
        """RMSNorm, written so that ONNX Runtime knows it and uses a kernel of its own."""
        squares = self.add("Pow", rows, self.constant(2, np.float32))
        mean = self.add("ReduceMean", squares, axes=(-1,), keepdims=1)
        root = self.add("Sqrt", self.add("Add", mean, self.constant(epsilon, np.float32)))
        return self.add("Mul", self.add("Div", rows, root), self.weight(name))

    def shaped(self, rows: str, *shape: int) -> str:
        """The same numbers in another shape."""
        return self.add("Reshape", rows, self.constant(shape))

    def spread(self, rows: str, *axes: int) -> str:
        """With axes of size one more."""
        return self.add("Unsqueeze", rows, self.constant(axes))


def write_graph(llama: Llama, weights: Mapping[str, Outside], file: str) -> bytes:
    """The graph, whose weights are in `file`, to lie beside it."""
    graph = _Graph(weights, file)
    table = f"{llama.decoder}.embed_tokens.weight"
    hidden = graph.widened(graph.add("Gather", graph.stored(table), IDS), weights[table].kind)  # (B, T, D)
    every, last = _places(graph, llama)
    for layer in range(llama.layers - 1):
        hidden = _block(graph, llama, layer, hidden, hidden, every, every)
    asking = graph.add("GatherND", hidden, graph.spread(_last(graph), 1), batch_dims=1)  # (B, D)
    hidden = _block(graph, llama, llama.layers - 1, hidden, graph.spread(asking, 1), every, last)  # (B, 1, D)
    found = graph.linear(graph.norm(hidden, f"{llama.decoder}.norm.weight", llama.epsilon), "score.weight")
    if llama.bias:
        found = graph.add("Add", found, graph.weight("score.bias"))
    graph.add("Squeeze", found, graph.constant([1]), out=LOGITS)
    inputs = [value(IDS, INT64, ("batch", "length")), value(LENGTHS, INT64, ("batch",))]
    outputs = [value(LOGITS, FLOAT, ("batch", llama.n_labels))]
    return model(graph.nodes, graph.numbers.values(), inputs, outputs, name="hatetinyllm")


def _last(graph: _Graph) -> str:
    """The place of each text's last token."""
    return graph.add("Sub", LENGTHS, graph.constant(1))  # (B)


def _places(graph: _Graph, llama: Llama) -> tuple[Places, Places]:
    """Every token of a text, and its last one alone. Heads stand as (batch, key heads, group, tokens, size)."""
    length = graph.add("Gather", graph.add("Shape", IDS), graph.constant(1))
    places = graph.add("Range", graph.constant(0), length, graph.constant(1))  # (T)
    angles = graph.add(
        "Mul", graph.add("Cast", graph.spread(places, 1), to=FLOAT), graph.constant(llama.frequencies[None], np.float32)
    )
    cos, sin = graph.add("Cos", angles), graph.add("Sin", angles)  # (T, size / 2)
    last, keys = _last(graph), graph.spread(places, 0)
    every = Places(cos=cos, sin=sin, mask=_mask(graph, keys, graph.spread(places, 1)))  # (T, T)
    own_cos, own_sin = (graph.spread(graph.add("Gather", one, last), 1, 2, 3) for one in (cos, sin))
    mask = graph.spread(_mask(graph, keys, graph.spread(last, 1)), 1, 2, 3)  # (B, 1, 1, 1, T)
    return every, Places(cos=own_cos, sin=own_sin, mask=mask)


def _mask(graph: _Graph, keys: str, queries: str) -> str:
    """Nothing where a token may be seen, minus infinity where it stands to the right."""
    seen = graph.add("LessOrEqual", keys, queries)
    return graph.add("Where", seen, graph.constant(0, np.float32), graph.constant(-np.inf, np.float32))


def _block(graph: _Graph, llama: Llama, layer: int, hidden: str, asking: str, every: Places, own: Places) -> str:
    """One decoder block: what the `asking` tokens become, who see all of `hidden` that their mask leaves them."""
    at = f"{llama.decoder}.layers.{layer}."
    read = graph.norm(hidden, at + "input_layernorm.weight", llama.epsilon)
    asked = read if asking == hidden else graph.norm(asking, at + "input_layernorm.weight", llama.epsilon)
    seen = _attention(graph, llama, at + "self_attn.", read, asked, every, own)
    asking = graph.add("Add", asking, seen)
    return graph.add("Add", asking, _feed_forward(graph, llama, at, asking))


def _attention(graph: _Graph, llama: Llama, at: str, read: str, asked: str, every: Places, own: Places) -> str:
    keys = _turned(graph, _heads(graph, llama, read, at + "k_proj.weight", ONE), every)
    values = _heads(graph, llama, read, at + "v_proj.weight", ONE)
    queries = _turned(graph, _heads(graph, llama, asked, at + "q_proj.weight", llama.group), own)
    queries = graph.add("Mul", queries, graph.constant(llama.head_size**-0.5, np.float32))
    scores = graph.add("MatMul", queries, graph.add("Transpose", keys, perm=(0, 1, 2, 4, 3)))
    shares = graph.add("Softmax", graph.add("Add", scores, own.mask), axis=-1)
    found = graph.add("Transpose", graph.add("MatMul", shares, values), perm=(0, 3, 1, 2, 4))
    width = llama.key_heads * llama.group * llama.head_size
    return graph.linear(graph.shaped(found, EACH, EACH, width), at + "o_proj.weight")


def _heads(graph: _Graph, llama: Llama, rows: str, name: str, group: int) -> str:
    """(B, T, D) -> (B, key heads, group, T, size)."""
    parted = graph.shaped(graph.linear(rows, name), EACH, EACH, llama.key_heads, group, llama.head_size)
    return graph.add("Transpose", parted, perm=(0, 2, 3, 1, 4))


def _turned(graph: _Graph, heads: str, places: Places) -> str:
    """Rotary positions: the two halves of a head are the two coordinates that are turned."""
    first, second = graph.halves(heads)
    ahead = graph.add("Sub", graph.add("Mul", first, places.cos), graph.add("Mul", second, places.sin))
    across = graph.add("Add", graph.add("Mul", second, places.cos), graph.add("Mul", first, places.sin))
    return graph.add("Concat", ahead, across, axis=-1)


def _feed_forward(graph: _Graph, llama: Llama, at: str, rows: str) -> str:
    read = graph.norm(rows, at + "post_attention_layernorm.weight", llama.epsilon)
    gate = graph.linear(read, at + "mlp.gate_proj.weight")
    opened = graph.add("Mul", gate, graph.add("Sigmoid", gate))
    return graph.linear(graph.add("Mul", opened, graph.linear(read, at + "mlp.up_proj.weight")), at + "mlp.down_proj.weight")
