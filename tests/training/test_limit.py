"""The machine is measured by the decoder's own shapes, quickly, and nothing of the run is touched."""

import time

import pytest
import torch

from hatetinyllm.errors import ModelError
from hatetinyllm.models.model import load_model, outline
from hatetinyllm.training.limit import device_of, measure_limit, shapes_of
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

SCRATCH = Choice(name="scratch", options={"layers": 2, "width": 64, "heads": 2, "feed_forward": 96})


def test_shapes_are_those_of_the_decoder_alone() -> None:
    own = {(64, 64): 8, (64, 96): 4, (96, 64): 2}
    for name in ("lora", "dora", "houlsby", "head", "full"):
        assert shapes_of(tune(load_model(SCRATCH, 2).net, Choice(name=name)).net) == own, name


@pytest.mark.parametrize("precision", ["fp32", "bf16", "bf16-frozen"])
def test_the_limit_is_a_rate_a_machine_can_have(precision: str) -> None:
    before = torch.get_num_threads()
    assert 1e8 < measure_limit(load_model(SCRATCH, 2).net, device="cpu", precision=precision, threads=2) < 1e15
    assert torch.get_num_threads() == before


def test_the_chance_of_the_run_is_left_alone() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    measure_limit(load_model(SCRATCH, 2).net, device="cpu", precision="fp32")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_run_is_measured_where_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert device_of("cpu") == torch.device("cpu")
    for found, expected in ((None, "cpu"), (torch.device("cuda"), "cuda")):
        monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available, found=found: found)
        assert device_of("auto").type == expected


def test_a_large_net_is_measured_in_the_same_time() -> None:
    net = outline(Choice(name="scratch", options={"layers": 2, "width": 4096, "heads": 32}), 2)
    began = time.process_time()
    measure_limit(net, device="cpu", precision="fp32", threads=1)
    assert time.process_time() - began < 6  # a whole product of its shapes alone takes seconds on a slow core


def test_a_net_without_linear_layers_is_told() -> None:
    with pytest.raises(ModelError, match="no linear layers"):
        shapes_of(torch.nn.Sequential(torch.nn.ReLU()))
