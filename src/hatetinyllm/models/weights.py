"""Write and read a whole net in the plain Hugging Face layout: config.json and model.safetensors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoConfig, AutoModel
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES

from hatetinyllm.bundle import SHAPE, WEIGHTS
from hatetinyllm.errors import BundleError
from hatetinyllm.models.readout import Readout


def write_shape(net: Readout, folder: Path, labels: Sequence[str]) -> None:
    """The configuration of the net as a classifier, so that Transformers knows its labels too."""
    config = type(net.config).from_dict(net.config.to_dict())
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    if known := MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES.get(config.model_type):
        config.architectures = [known]
    config.to_json_file(folder / SHAPE, use_diff=True)


def write_net(net: Readout, folder: Path) -> None:
    """All weights of a net whose adapters were merged."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    save_file(tensors, folder / WEIGHTS["standalone"], metadata={"format": "pt"})


def read_net(folder: Path, n_labels: int) -> Readout:
    """The net of a standalone bundle. No code of the folder is run."""
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
        decoder = AutoModel.from_config(config, trust_remote_code=False, dtype=torch.float32)
    except (OSError, ValueError, KeyError) as error:
        raise BundleError(f"{folder / SHAPE} describes no decoder that is known: {str(error).strip().splitlines()[0]}") from error
    net = Readout(decoder, n_labels)
    fill(net, read_tensors(folder / WEIGHTS["standalone"]), where=folder)
    return net


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; a broken one is an error in words."""
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise BundleError(f"{path} holds no readable weights: {error}") from error
    return tensors


def fill(net: torch.nn.Module, tensors: Mapping[str, Tensor], *, where: Path) -> None:
    """Put tensors into a net; every missing, foreign or wrongly shaped one is named."""
    own = net.state_dict()
    problems = [f"{name} is missing" for name in own if name not in tensors]
    problems += [f"{name} is not of this net" for name in tensors if name not in own]
    for name, tensor in tensors.items():
        if name in own and own[name].shape != tensor.shape:
            problems.append(f"{name} has shape {tuple(tensor.shape)}, the net's is {tuple(own[name].shape)}")
    if problems:
        raise BundleError(f"the weights in {where} do not fit the net", problems[:20])
    net.load_state_dict(tensors)
