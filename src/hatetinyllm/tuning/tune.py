"""
Make a net ready to learn, in place, and name what learns.

The readout is called `score` in every net; it always learns. An adapter is PEFT's, so that what is saved is PEFT's
on-disk form; the net itself is called directly, its layers were replaced in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import Tensor, nn

from hatetinyllm.bundle import WEIGHTS
from hatetinyllm.errors import BundleError, ModelError
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.types import Choice

READOUT = "score"


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A net that is ready to learn; `adapter` is PEFT's view of it, None where no layer was added."""

    net: nn.Module
    adapter: PeftModel | None = None
    cannot_merge: str = ""  # why the adapter cannot be folded into the weights, where it cannot
    virtual_tokens: int = 0  # stand before every text and take so many of the model's positions


def tune(net: nn.Module, choice: Choice) -> Tuned:
    """Apply the chosen tuning to a net."""
    try:
        tuned: Tuned = TUNINGS.get(choice.name)(net, **choice.options)
    except (ValueError, AttributeError, KeyError, NotImplementedError, RuntimeError, TypeError) as error:
        kind = getattr(getattr(net, "config", None), "model_type", type(net).__name__)
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"tuning {choice.name!r} cannot be applied to a model of type {kind!r}", [said]) from error
    return tuned


def freeze_all_but_readout(net: nn.Module) -> None:
    """Only the readout learns."""
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(name.partition(".")[0] == READOUT)


def freeze_readout(net: nn.Module) -> None:
    """Leave the readout of a tuned net as it is; an adapter keeps it on disk all the same."""
    for name, parameter in net.named_parameters():
        if name.partition(".")[0] == READOUT:
            parameter.requires_grad_(False)


def learning(net: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that learn, by name."""
    return {name: parameter for name, parameter in net.named_parameters() if parameter.requires_grad}


def write_adapter(adapter: PeftModel, folder: Path, *, base: str, revision: str | None) -> None:
    """The adapter as PEFT keeps it: adapter_config.json and adapter_model.safetensors."""
    config = adapter.peft_config["default"]
    config.base_model_name_or_path, config.revision, config.inference_mode = base, revision, True
    for name, value in vars(config).items():
        if isinstance(value, set):  # which has no order: the same adapter would be written otherwise each time
            setattr(config, name, sorted(value))
    config.save_pretrained(str(folder))
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in adapter_tensors(adapter).items()}
    save_file(tensors, folder / WEIGHTS["adapter"], metadata={"format": "pt"})


def adapter_tensors(adapter: PeftModel) -> dict[str, Tensor]:
    """What PEFT would save. Not "auto": it would ask the hub whether the vocabulary grew, which it never does here."""
    tensors: dict[str, Tensor] = get_peft_model_state_dict(adapter, save_embedding_layers=False)
    return tensors


def fill_adapter(adapter: PeftModel, tensors: Mapping[str, Tensor], *, where: Path) -> None:
    """Put saved tensors into a fresh adapter of the same shape; all that does not fit is named."""
    own = adapter_tensors(adapter)
    problems = [f"{name} is missing" for name in own if name not in tensors]
    problems += [f"{name} is not of this adapter" for name in tensors if name not in own]
    for name in own:
        if name in tensors and own[name].shape != tensors[name].shape:
            problems.append(f"{name} has shape {tuple(tensors[name].shape)}, the adapter's is {tuple(own[name].shape)}")
    if problems:
        raise BundleError(f"the adapter in {where} does not fit its base", problems[:20])
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(tensors[name])


def merged(tuned: Tuned) -> nn.Module:
    """The net with its adapter folded into the weights, in 32-bit floats; the tuned net is used up by it."""
    if tuned.cannot_merge:
        raise ModelError(f"the adapter cannot be folded into the weights: {tuned.cannot_merge}")
    if tuned.adapter is None:
        return tuned.net
    tuned.net.float()  # in fewer bits the sum would be rounded, and the folded net would answer otherwise
    net: nn.Module = tuned.adapter.merge_and_unload()
    return net
