"""Write and read a whole net in the plain Hugging Face layout: config.json and model.safetensors."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoConfig, AutoModel
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES

from hatetinyllm.bundle import SHAPE, WEIGHTS
from hatetinyllm.errors import BundleError
from hatetinyllm.models.hub import attention_of
from hatetinyllm.models.readout import Readout, has_bias

BUFFERS_ALLOWED = 1 << 26  # numbers a decoder may compute for itself, such as masks and rotations


def write_shape(net: Readout, folder: Path, labels: Sequence[str]) -> None:
    """The configuration of the net as a classifier, so that Transformers knows its labels too."""
    config = type(net.config).from_dict(net.config.to_dict())
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    if known := MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES.get(config.model_type):
        config.architectures = [known]
    config.to_json_file(folder / SHAPE, use_diff=True)


def write_net(net: Readout, folder: Path, *, half: bool = False) -> None:
    """All weights of a net whose adapters were merged; with `half` in 16-bit floats, which are read as 32-bit ones."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    if half:
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    save_file(tensors, folder / WEIGHTS["standalone"], metadata={"format": "pt"})


def read_net(folder: Path, n_labels: int) -> Readout:
    """The net of a standalone bundle. No code of the folder is run, and nothing larger than its weights is built."""
    path = folder / WEIGHTS["standalone"]
    shapes = read_shapes(path)
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
        if config.get_text_config().num_hidden_layers > len(shapes):
            raise ValueError(f"{config.num_hidden_layers} layers, but only {len(shapes)} tensors")
        with torch.device("meta"):
            empty = _empty_net(config, n_labels, bias=has_bias(shapes))
        refuse_misfits(empty, shapes, where=folder)
        held, computed = sum(map(math.prod, shapes.values())), sum(buffer.numel() for buffer in empty.buffers())
        if computed > BUFFERS_ALLOWED + 4 * held:
            raise ValueError(f"its tables have {computed:,} numbers, its weights {held:,}")
        net = _empty_net(config, n_labels, bias=has_bias(shapes))
    except BundleError:
        raise
    except Exception as error:  # a made-up configuration ends in any kind of exception
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BundleError(f"{folder / SHAPE} describes no decoder that is known: {said}") from error
    net.load_state_dict(read_tensors(path))
    return net


def read_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a safetensors file, without its numbers."""
    try:
        with safe_open(path, framework="pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise BundleError(f"{path} holds no readable weights: {error}") from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; a broken one is an error in words."""
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise BundleError(f"{path} holds no readable weights: {error}") from error
    return tensors


def refuse_misfits(net: torch.nn.Module, shapes: Mapping[str, tuple[int, ...]], *, where: Path) -> None:
    """Name every missing, foreign or wrongly shaped tensor; the net may be one of shapes alone."""
    own = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    problems = [f"{name} is missing" for name in own if name not in shapes]
    problems += [f"{name} is not of this net" for name in shapes if name not in own]
    for name, shape in shapes.items():
        if name in own and own[name] != shape:
            problems.append(f"{name} has shape {shape}, the net's is {own[name]}")
    if problems:
        raise BundleError(f"the weights in {where} do not fit the net", problems[:20])


def _empty_net(config: Any, n_labels: int, *, bias: bool) -> Readout:
    decoder = AutoModel.from_config(
        config, trust_remote_code=False, dtype=torch.float32, attn_implementation=attention_of(config)
    )
    return Readout(decoder, n_labels, bias=bias)
