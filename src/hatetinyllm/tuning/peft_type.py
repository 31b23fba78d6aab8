"""
Tuners of our own inside PEFT, so that what they learn is saved, loaded and switched as every adapter of PEFT is.

PEFT's `register_peft_method` takes no name that its closed list of methods (`PeftType`) lacks. From 0.21 on a tuner says
itself which tensors are saved, and a name in PEFT's tables is enough; before that the code that saves looks into the
list, and the name must be put there too. Run on 0.19.1, 0.20.0, 0.21.0 and 0.21.2.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from peft.config import PeftConfig
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING, PEFT_TYPE_TO_PREFIX_MAPPING, PEFT_TYPE_TO_TUNER_MAPPING
from peft.tuners.tuners_utils import BaseTuner
from peft.utils import PeftType

from hatetinyllm.errors import ModelError


class OwnType(StrEnum):
    """The `peft_type` of our adapters; a member equals the word that stands in adapter_config.json."""

    HOULSBY = "HOULSBY"
    BITFIT = "BITFIT"


def register_tuner(kind: OwnType, config: type[PeftConfig], tuner: type[BaseTuner]) -> None:
    """Make one of our tuners known to PEFT; to do it twice changes nothing."""
    configs: dict[Any, Any] = PEFT_TYPE_TO_CONFIG_MAPPING
    tuners: dict[Any, Any] = PEFT_TYPE_TO_TUNER_MAPPING
    prefixes: dict[Any, str] = PEFT_TYPE_TO_PREFIX_MAPPING
    if tuners.get(kind) is tuner:
        return
    if kind in tuners or tuner.prefix in prefixes.values():
        raise ModelError(f"PEFT knows another method of the name {kind.value!r} or the prefix {tuner.prefix!r}")
    if needs_its_list():
        extend_list(kind)
    configs[kind], tuners[kind], prefixes[kind] = config, tuner, tuner.prefix


def needs_its_list() -> bool:
    """Whether this PEFT saves only methods of its own list; a tuner that picks its tensors itself came with 0.21."""
    return "_get_adapter_state_dict" not in vars(BaseTuner)


def extend_list(kind: OwnType) -> None:
    """Put a name into PEFT's closed list of methods, as if it had been written there."""
    if kind.value in PeftType.__members__:
        return
    member = str.__new__(PeftType, kind.value)
    member._name_ = member._value_ = kind.value
    setattr(PeftType, kind.value, member)
    PeftType._member_names_.append(kind.value)
    PeftType._member_map_[kind.value] = PeftType._value2member_map_[kind.value] = member


@contextmanager
def one_adapter_a_batch(*_: Any, **kwargs: Any) -> Iterator[None]:
    """The hook by which PEFT hands on `adapter_names`, one for each row; a tuner without it would read all rows by one."""
    if kwargs.get("adapter_names") is not None:
        raise ModelError(
            "adapter_names: this kind of adapter reads all rows alike", ["choose one adapter a batch, by set_adapter"]
        )
    yield
