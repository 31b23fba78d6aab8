"""The graph of a net answers as the net does, in any shape of a Llama and whatever stands behind a text."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from transformers import AutoModel, LlamaConfig

from hatetinyllm.bundle import GRAPH, WEIGHTS
from hatetinyllm.inference.engines.onnx import padded
from hatetinyllm.inference.export import stored
from hatetinyllm.inference.graph import IDS, LENGTHS, LOGITS, Llama, write_graph
from hatetinyllm.models.readout import Readout, logits_of
from hatetinyllm.models.weights import write_net

WINDOWS = [[3, 4, 5], [3, 0, 5, 6, 7, 0, 0], [8], [9] * 40, [1, 2]]


def made(layers: int, heads: int, key_heads: int, n_labels: int, bias: bool) -> tuple[Readout, Llama]:
    """A net whose weights are far from what they begin as, and its shape."""
    size = 32 // heads
    config = LlamaConfig(
        vocab_size=32, hidden_size=32, intermediate_size=48, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=key_heads, rms_norm_eps=1e-5, max_position_embeddings=64,
    )  # fmt: skip
    torch.manual_seed(0)
    net = Readout(AutoModel.from_config(config), n_labels, bias=bias).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, mean=float(parameter.ndim == 1), std=0.2)
        parameter.data = parameter.data.half().float()
    frequencies = (10_000.0 ** (-np.arange(0, size, 2) / size)).astype(np.float32)
    llama = Llama(
        layers=layers, key_heads=key_heads, group=heads // key_heads, head_size=size, epsilon=1e-5,
        frequencies=frequencies, n_labels=n_labels, bias=bias,
    )  # fmt: skip
    return net, llama


def session(net: Readout, llama: Llama, folder: Path, half: bool) -> onnxruntime.InferenceSession:
    write_net(net, folder, half=half)
    weights = folder / WEIGHTS["standalone"]
    (folder / GRAPH).write_bytes(write_graph(llama, stored(weights), weights.name))
    return onnxruntime.InferenceSession(folder / GRAPH, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(
    ("layers", "heads", "key_heads", "n_labels", "bias"), [(1, 4, 4, 2, False), (2, 4, 2, 3, True), (3, 2, 1, 7, False)]
)
def test_the_graph_answers_as_the_net(
    tmp_path: Path, layers: int, heads: int, key_heads: int, n_labels: int, bias: bool, half: bool
) -> None:
    net, llama = made(layers, heads, key_heads, n_labels, bias)
    ids, lengths = padded(WINDOWS)
    (found,) = session(net, llama, tmp_path, half).run([LOGITS], {IDS: ids, LENGTHS: lengths})
    expected = logits_of(net, WINDOWS).numpy()
    assert np.abs(expected).max() > 0.5
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_is_padded_with_does_not_matter(tmp_path: Path) -> None:
    asked = session(*made(2, 4, 2, 2, False), tmp_path, half=False)
    ids, lengths = padded(WINDOWS)
    other = ids.copy()
    for row, length in enumerate(lengths):
        other[row, length:] = 13
    first, second = (asked.run([LOGITS], {IDS: given, LENGTHS: lengths})[0] for given in (ids, other))
    assert np.array_equal(first, second)


def test_the_graph_holds_no_weights(tmp_path: Path) -> None:
    net, llama = made(2, 4, 2, 2, False)
    session(net, llama, tmp_path, half=False)
    numbers = net.get_parameter("model.layers.0.mlp.up_proj.weight").detach().numpy().tobytes()
    assert numbers in (tmp_path / WEIGHTS["standalone"]).read_bytes()
    assert numbers[:64] not in (tmp_path / GRAPH).read_bytes()
