"""
Biases that learn, as a PEFT tuner of our own: a vector on the output of a layer, zero at the start.

BitFit trains the biases a net has. A vector beside each of them does the same and is saved by itself, in PEFT's form, where
a trained bias would ask for the whole net. A layer that has a bias can take the vector into it; a layer without one has
no place for it, and such a net keeps its adapter.

An adapter folder of this kind says `"peft_type": "BITFIT"`. To load one by PEFT alone call `register()` of this module
before: without it `PeftModel.from_pretrained` knows no such type and stops with `KeyError: 'BITFIT'`.
"""

from dataclasses import dataclass
from typing import Any

import torch
from peft.config import PeftConfig
from peft.tuners.tuners_utils import BaseTuner, BaseTunerLayer, check_adapters_to_merge
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from hatetinyllm.errors import ModelError
from hatetinyllm.tuning.peft_type import OwnType, one_adapter_a_batch, register_tuner

Biased = nn.Linear | Conv1D | nn.LayerNorm  # the layers that can have a bias
NO_USUAL_LAYERS: dict[str, list[str]] = {}  # a configuration names its layers


@dataclass
class BiasConfig(PeftConfig):
    """What adapter_config.json holds."""

    target_modules: Any = None
    modules_to_save: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[no-untyped-call]
        self.peft_type = OwnType.BITFIT


class BiasLayer(nn.Module, BaseTunerLayer):
    """A layer and the vectors on its output, by the adapter's name."""

    adapter_layer_names = ("bitfit_vector",)
    other_param_names = ()

    def __init__(self, base_layer: Biased, name: str) -> None:
        super().__init__()
        self.base_layer = base_layer
        self.bitfit_vector = nn.ParameterDict()
        self.before_merge: Tensor | None = None
        self.merged_adapters: list[str] = []
        self._active_adapter = name
        self.update_layer(name)

    def update_layer(self, name: str) -> None:
        """Add a vector, or make one anew."""
        self.bitfit_vector[name] = nn.Parameter(torch.zeros(width_of(self.base_layer)))
        self._move_adapter_to_device_of_base_layer(name)
        self.set_adapter(self.active_adapters)

    def _move_adapter_to_device_of_base_layer(self, adapter_name: str, device: torch.device | None = None) -> None:
        """To the layer's device but never to its number format, as PEFT's own would; what is on meta waits for its weights."""
        vector = self.bitfit_vector.get(adapter_name)
        if vector is not None and vector.device.type != "meta":
            vector.data = vector.data.to(device or self.weight.device, dtype=torch.float32)

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """(..., inputs) -> (..., width)."""
        if self.disable_adapters and self.merged:
            self.unmerge()
        hidden: Tensor = self.base_layer(x, *args, **kwargs)
        for name in () if self.disable_adapters or self.merged else self.active_adapters:
            if name in self.bitfit_vector:
                hidden = (hidden + self.bitfit_vector[name]).to(hidden.dtype)
        return hidden

    def merge(self, safe_merge: bool = False, adapter_names: list[str] | None = None) -> None:
        """Take the vectors into the layer's own bias."""
        for name in check_adapters_to_merge(self, adapter_names):
            if name in self.bitfit_vector:
                self._merge_one(name, safe_merge)

    def _merge_one(self, name: str, safe_merge: bool) -> None:
        bias, vector = self.base_layer.bias, self.bitfit_vector[name]
        if bias is None:
            raise ModelError(f"the adapter cannot be folded into the weights: {no_place(1, 1)}")
        if safe_merge and not vector.isfinite().all():
            raise ModelError(f"adapter {name!r} cannot be folded in: it holds values that are no numbers")
        if self.before_merge is None:
            self.before_merge = bias.detach().clone()
        bias.data = (bias.data.float() + vector.data).to(bias.dtype)
        self.merged_adapters.append(name)

    def unmerge(self) -> None:
        """Give the layer back the bias it had, bit for bit."""
        if self.before_merge is not None:
            self.base_layer.bias.data = self.before_merge
        self.before_merge = None
        self.merged_adapters.clear()


class BiasTuner(BaseTuner):
    """Puts vectors on the named layers of a net."""

    prefix = "bitfit_"
    _enable_peft_forward_hooks = staticmethod(one_adapter_a_batch)
    tuner_layer_cls = BiasLayer
    target_module_mapping = NO_USUAL_LAYERS

    def _create_and_replace(
        self,
        peft_config: PeftConfig,
        adapter_name: str,
        target: nn.Module,
        target_name: str,
        parent: nn.Module,
        current_key: str,
        parameter_name: str | None = None,
    ) -> None:
        if isinstance(target, BiasLayer):
            target.update_layer(adapter_name)
        elif isinstance(target, Biased):
            self._replace_module(parent, target_name, BiasLayer(target, adapter_name), target)
        else:
            raise ModelError(f"{current_key} is a {type(target).__name__}: a bias goes on a linear layer or a LayerNorm")

    def _check_merge_allowed(self) -> None:
        """Before the first layer is touched: a net that is merged by half is worth nothing."""
        layers = [part for part in self.model.modules() if isinstance(part, BiasLayer)]
        if new := sum(layer.base_layer.bias is None for layer in layers):
            raise ModelError(f"the adapter cannot be folded into the weights: {no_place(new, len(layers))}")


def width_of(layer: Biased) -> int:
    """How many numbers a layer puts out."""
    if isinstance(layer, nn.LayerNorm):
        return int(layer.normalized_shape[-1])
    return int(layer.nf if isinstance(layer, Conv1D) else layer.out_features)


def no_place(new: int, all_of_them: int) -> str:
    """Why a vector cannot become a bias."""
    return f"{new:,} of its {all_of_them:,} vectors stand on layers that have no bias: the architecture has no place for them"


def register() -> None:
    """Make PEFT know adapters of type BITFIT; importing does not."""
    register_tuner(OwnType.BITFIT, BiasConfig, BiasTuner)
