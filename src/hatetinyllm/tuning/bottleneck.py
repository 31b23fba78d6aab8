"""
Bottleneck adapters (Houlsby et al., 2019) as a PEFT tuner of our own: on the output of a linear layer,

    h <- h + W_up f(W_down h + b) + b'          2dm + d + m weights for a layer of width d and a bottleneck of m

W_up and b' begin at zero, so the net begins as it was, exactly. The adapter computes in 32-bit floats whatever the net
is kept in. It cannot be folded into the layer: a non-linearity stands between its two matrices.

An adapter folder of this kind says `"peft_type": "HOULSBY"`. To load one by PEFT alone call `register()` of this module
before: without it `PeftModel.from_pretrained` knows no such type and stops with `KeyError: 'HOULSBY'`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import torch
from peft import TaskType, get_peft_model
from peft.config import PeftConfig
from peft.tuners.tuners_utils import BaseTuner, BaseTunerLayer
from torch import Tensor, nn
from torch.nn import functional
from transformers.pytorch_utils import Conv1D

from hatetinyllm.errors import ModelError, did_you_mean
from hatetinyllm.tuning.peft_type import OwnType, one_adapter_a_batch, register_tuner
from hatetinyllm.tuning.places import ENDS, norms_of
from hatetinyllm.tuning.tune import READOUT, Tuned

CANNOT_MERGE = "a bottleneck has a non-linearity between its two matrices, so no single matrix can take its place"
DOWN_STD = 0.01  # of W_down at the start, cut at two deviations, as in the paper

Activation = Literal["gelu", "relu", "silu", "tanh"]
ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "gelu": functional.gelu,
    "relu": functional.relu,
    "silu": functional.silu,
    "tanh": torch.tanh,
}

BOTH_BRANCHES = {kind: [ends.attention, ends.feed_forward] for kind, ends in ENDS.items()}  # where PEFT is told no layers


@dataclass
class BottleneckConfig(PeftConfig):
    """What adapter_config.json holds."""

    bottleneck: int = 64
    activation: str = "gelu"
    dropout: float = 0.0
    target_modules: Any = None
    modules_to_save: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[no-untyped-call]
        self.peft_type = OwnType.HOULSBY
        if self.activation not in ACTIVATIONS:
            raise ModelError(f"no activation is called {self.activation!r}", [did_you_mean(self.activation, ACTIVATIONS)])


class BottleneckLayer(nn.Module, BaseTunerLayer):
    """A linear layer and the bottlenecks on its output, by the adapter's name."""

    adapter_layer_names = ("houlsby_down", "houlsby_up")
    other_param_names = ("houlsby_activation", "houlsby_dropout")

    def __init__(self, base_layer: nn.Linear | Conv1D, name: str, config: BottleneckConfig) -> None:
        super().__init__()
        self.base_layer = base_layer
        self.houlsby_down, self.houlsby_up = nn.ModuleDict(), nn.ModuleDict()
        self.houlsby_activation: dict[str, str] = {}
        self.houlsby_dropout: dict[str, float] = {}
        self._active_adapter = name
        self.update_layer(name, config)

    def update_layer(self, name: str, config: BottleneckConfig) -> None:
        """Add a bottleneck, or make one anew."""
        base = self.base_layer
        width = base.nf if isinstance(base, Conv1D) else base.out_features
        down, up = nn.Linear(width, config.bottleneck), nn.Linear(config.bottleneck, width)
        nn.init.trunc_normal_(down.weight, std=DOWN_STD, a=-2 * DOWN_STD, b=2 * DOWN_STD)
        for zero in (down.bias, up.weight, up.bias):
            nn.init.zeros_(zero)
        self.houlsby_down[name], self.houlsby_up[name] = down, up
        self.houlsby_activation[name], self.houlsby_dropout[name] = config.activation, config.dropout
        self._move_adapter_to_device_of_base_layer(name)
        self.set_adapter(self.active_adapters)

    def _move_adapter_to_device_of_base_layer(self, adapter_name: str, device: torch.device | None = None) -> None:
        """To the layer's device but never to its number format, as PEFT's own would; what is on meta waits for its weights."""
        for parts in (self.houlsby_down, self.houlsby_up):
            if adapter_name in parts and next(parts[adapter_name].parameters()).device.type != "meta":
                parts[adapter_name].to(device or self.weight.device, dtype=torch.float32)

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """(..., inputs) -> (..., width)."""
        hidden: Tensor = self.base_layer(x, *args, **kwargs)
        for name in () if self.disable_adapters else self.active_adapters:
            if name in self.houlsby_down:
                hidden = (hidden + self._change(name, hidden)).to(hidden.dtype)
        return hidden

    def _change(self, name: str, hidden: Tensor) -> Tensor:
        """What one bottleneck adds."""
        down, up = self.houlsby_down[name], self.houlsby_up[name]
        weight = next(down.parameters())
        inner = ACTIVATIONS[self.houlsby_activation[name]](down(hidden.to(weight.dtype)))  # (..., m)
        change: Tensor = up(functional.dropout(inner, self.houlsby_dropout[name], self.training))
        return change

    def merge(self, safe_merge: bool = False, adapter_names: list[str] | None = None) -> NoReturn:
        """Not possible."""
        raise ModelError(f"the adapter cannot be folded into the weights: {CANNOT_MERGE}")


class BottleneckTuner(BaseTuner):
    """Puts bottlenecks on the named layers of a net."""

    prefix = "houlsby_"
    _enable_peft_forward_hooks = staticmethod(one_adapter_a_batch)
    tuner_layer_cls = BottleneckLayer
    target_module_mapping = BOTH_BRANCHES

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
        assert isinstance(peft_config, BottleneckConfig), "PEFT looked the tuner up by the configuration's type"
        if isinstance(target, BottleneckLayer):
            target.update_layer(adapter_name, peft_config)
        elif isinstance(target, nn.Linear | Conv1D):
            self._replace_module(parent, target_name, BottleneckLayer(target, adapter_name, peft_config), target)
        else:
            raise ModelError(f"{current_key} is a {type(target).__name__}: a bottleneck goes on a linear layer")

    def _check_merge_allowed(self) -> NoReturn:
        raise ModelError(f"the adapter cannot be folded into the weights: {CANNOT_MERGE}")


def register() -> None:
    """Make PEFT know adapters of type HOULSBY; importing does not."""
    register_tuner(OwnType.HOULSBY, BottleneckConfig, BottleneckTuner)


def add_bottlenecks(
    net: nn.Module, layers: Sequence[str], *, bottleneck: int, activation: Activation, dropout: float, norms: bool
) -> Tuned:
    """Bottlenecks on these layers; they and the readout learn, and the normalising layers too if wanted."""
    register()
    config = BottleneckConfig(
        task_type=TaskType.SEQ_CLS,
        bottleneck=bottleneck,
        activation=activation,
        dropout=dropout,
        target_modules=list(layers),
        modules_to_save=[READOUT, *(norms_of(net) if norms else [])],
    )
    return Tuned(net=net, adapter=get_peft_model(net, config), cannot_merge=CANNOT_MERGE)
