"""Our tuners inside PEFT: nothing happens by importing, twice is once, and the way older versions need works too."""

import subprocess
import sys

import pytest
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING, PEFT_TYPE_TO_PREFIX_MAPPING, PEFT_TYPE_TO_TUNER_MAPPING
from peft.tuners.lora import LoraModel

from hatetinyllm.errors import ModelError
from hatetinyllm.tuning.bias import register as register_biases
from hatetinyllm.tuning.bottleneck import BottleneckConfig, BottleneckTuner, register
from hatetinyllm.tuning.peft_type import OwnType, one_adapter_a_batch, register_tuner

TABLES = (PEFT_TYPE_TO_CONFIG_MAPPING, PEFT_TYPE_TO_PREFIX_MAPPING, PEFT_TYPE_TO_TUNER_MAPPING)
IN_A_FRESH_PROCESS = """
from peft import PeftType, get_peft_model, get_peft_model_state_dict
from peft.mapping import PEFT_TYPE_TO_TUNER_MAPPING
from torch import nn
from hatetinyllm.tuning import bias, bottleneck, peft_type

assert not {"HOULSBY", "BITFIT"} & {*PEFT_TYPE_TO_TUNER_MAPPING}, "importing has registered something"
assert not {"HOULSBY", "BITFIT"} & {*PeftType.__members__}
bottleneck.register()
assert ("HOULSBY" in PeftType.__members__) == peft_type.needs_its_list(), "the closed list is left alone where it can be"
peft_type.needs_its_list = lambda: True
for _ in range(2):
    bias.register()
assert [*PeftType][-1] == PeftType("BITFIT") == PeftType.BITFIT == "BITFIT"
assert peft_type.OwnType.BITFIT in [*PeftType]
net = get_peft_model(nn.Sequential(nn.Linear(4, 4)), bias.BiasConfig(target_modules=["0"]))
assert len(get_peft_model_state_dict(net)) == 1
"""


def test_importing_registers_nothing_and_the_closed_list_can_be_extended() -> None:
    ran = subprocess.run([sys.executable, "-W", "error", "-c", IN_A_FRESH_PROCESS], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_registering_twice_changes_nothing() -> None:
    register()
    register_biases()
    before = [dict(table) for table in TABLES]
    register()
    register_biases()
    assert [dict(table) for table in TABLES] == before


def test_the_word_of_a_configuration_file_finds_the_tuner() -> None:
    register()
    assert PEFT_TYPE_TO_TUNER_MAPPING["HOULSBY"] is BottleneckTuner
    assert PEFT_TYPE_TO_CONFIG_MAPPING["HOULSBY"] is BottleneckConfig
    assert PEFT_TYPE_TO_PREFIX_MAPPING["HOULSBY"] == "houlsby_"


def test_another_tuner_of_the_same_name_is_not_written_over() -> None:
    register()
    with pytest.raises(ModelError, match="another method of the name 'HOULSBY'"):
        register_tuner(OwnType.HOULSBY, BottleneckConfig, LoraModel)
    assert PEFT_TYPE_TO_TUNER_MAPPING["HOULSBY"] is BottleneckTuner


def test_a_batch_of_several_adapters_is_refused_and_one_of_none_is_not() -> None:
    with one_adapter_a_batch("ids", adapter_names=None):
        pass
    with pytest.raises(ModelError, match="reads all rows alike"), one_adapter_a_batch(adapter_names=["a", "b"]):
        pass
