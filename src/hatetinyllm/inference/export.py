"""
A bundle for engines without torch: standalone, with the graph of its net beside the weights, if wished in 16 bits.

One file of weights serves every engine. What is written is put to the test before it takes its name: the graph, with the
weights as they were written, must give the scores of the net it was made from.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hatetinyllm.bundle import GRAPH, MANIFEST, TOKENIZER, WEIGHTS, Bundle, Manifest, write_bundle
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import BundleError
from hatetinyllm.folder import SUMS
from hatetinyllm.inference.detector import text_settings
from hatetinyllm.inference.engines.onnx import OnnxEngine
from hatetinyllm.inference.engines.torch import whole_net
from hatetinyllm.inference.graph import Llama, write_graph
from hatetinyllm.inference.protobuf import FLOAT, HALF, Outside
from hatetinyllm.models.readout import Readout, logits_of
from hatetinyllm.models.weights import write_net
from hatetinyllm.scores import Numbers, follow_curve, probabilities
from hatetinyllm.text.encode import open_encoder

MOST_CHANGE = 5e-3  # of any score of any probe
KINDS = {"F32": FLOAT, "F16": HALF}
ODD = ("?", "a", "!!! 100 % ...", "\U0001f600 \U0001f44d", "d0n't y0u d4re", "the bread is warm . " * 200)
NOT_TAKEN = {MANIFEST, SUMS, GRAPH, "adapter_config.json", *WEIGHTS.values()}


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was written, and what it cost."""

    bundle: Bundle
    weights_bytes: int
    change: float  # the largest of any score on the probes
    probes: int


def export(bundle: Bundle, folder: Path, *, half: bool = False, base: Path | None = None) -> Exported:
    """Write a bundle in the form that every engine opens; a score that changes too much is an error and nothing is written."""
    if folder.exists():
        raise BundleError(f"{str(folder)!r} is there already", ["choose another folder by --out"])
    manifest = _whole(bundle.manifest)
    net = whole_net(bundle, base=base).eval()
    windows = _probes(bundle)
    expected = _scores(logits_of(net, windows).numpy(), manifest)
    changes: list[float] = []

    def put_files(temporary: Path) -> None:
        for name in bundle.files - NOT_TAKEN:
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle.folder / name, temporary / name)
        write_net(net, temporary, half=half)
        (temporary / GRAPH).write_bytes(_graph(net, temporary / WEIGHTS["standalone"]))
        engine = OnnxEngine(temporary, n_labels=net.score.out_features, threads=1)
        changes.append(_change(expected, _scores(engine.logits(windows), manifest)))

    written = write_bundle(folder, manifest, put_files)
    return Exported(bundle=written, weights_bytes=written.weights.stat().st_size, change=changes[0], probes=len(windows))


def stored(path: Path) -> dict[str, Outside]:
    """Where each tensor of a safetensors file lies, by its head alone."""
    with path.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        head = json.loads(stream.read(size))
    first = 8 + size
    return {
        name: Outside(
            kind=KINDS[one["dtype"]],
            shape=tuple(one["shape"]),
            offset=first + one["data_offsets"][0],
            length=one["data_offsets"][1] - one["data_offsets"][0],
        )
        for name, one in head.items()
        if name != "__metadata__"
    }


def _whole(manifest: Manifest) -> Manifest:
    """What a standalone bundle of the same net says of itself."""
    licence = manifest.base_licence or (manifest.base.licence if manifest.base else "")
    return replace(manifest, form="standalone", base=None, base_licence=licence)


def _graph(net: Readout, weights: Path) -> bytes:
    """The graph of a net, over the file its weights were written to."""
    config = net.config
    if problems := list(_strange(net)):
        raise BundleError("only a Llama-shaped decoder can be exported", problems)
    llama = Llama(
        layers=config.num_hidden_layers,
        key_heads=config.num_key_value_heads,
        group=config.num_attention_heads // config.num_key_value_heads,
        head_size=config.head_dim,
        epsilon=config.rms_norm_eps,
        frequencies=net.get_buffer(f"{net.decoder_name}.rotary_emb.inv_freq").numpy(),
        decoder=net.decoder_name,
        n_labels=net.score.out_features,
        bias=net.score.bias is not None,
    )
    return write_graph(llama, stored(weights), weights.name)


def _strange(net: Readout) -> Iterator[str]:
    """What of a net the graph cannot say."""
    expected = {"model_type": "llama", "hidden_act": "silu", "attention_bias": False, "mlp_bias": False}
    for name, value in expected.items():
        found = getattr(net.config, name, None)
        if found != value:
            yield f"{name} is {found!r}, expected {value!r}"
    turning = (getattr(net.config, "rope_parameters", None) or {}).get("rope_type")
    if turning != "default":
        yield f"rope_type is {turning!r}, expected 'default'"


def _probes(bundle: Bundle) -> list[Sequence[int]]:
    """The windows of texts of many kinds, all of them this project's own."""
    texts = [*ODD, *(example.text for example in load_dataset("demo").test)]
    encoder = open_encoder(bundle.folder / TOKENIZER, text_settings(bundle))
    return [window.ids for found in encoder.encode_batch(texts) for window in found.windows]


def _scores(logits: Numbers, manifest: Manifest) -> Mapping[str, Numbers]:
    """Window by window what a verdict would say, of every head."""
    found = probabilities(logits, manifest.heads, manifest.temperatures)
    return found if manifest.curve is None else follow_curve(found, manifest.heads[0], manifest.curve)


def _change(expected: Mapping[str, Numbers], found: Mapping[str, Numbers]) -> float:
    """The largest change of a score; one that is too large is told, with the head where it is."""
    by_head = {name: float(np.abs(expected[name] - found[name]).max()) for name in expected}
    if wrong := {name: change for name, change in by_head.items() if not change <= MOST_CHANGE}:
        problems = [f"{name}: {change:.4f}, allowed are {MOST_CHANGE}" for name, change in wrong.items()]
        raise BundleError("the exported weights change scores too much", [*problems, "export it without --half"])
    return max(by_head.values())
