"""The parts of the memory are those of the formula."""

import pytest
import torch

from hatetinyllm.models.model import outline
from hatetinyllm.training.memory import BYTES_IN_4_BITS, PROGRAM_BYTES, SPARE, Memory, foresee_memory, frozen_matrices
from hatetinyllm.training.precision import to_halve
from hatetinyllm.training.rehearsal import Block, Manner, rehearse
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice

SCRATCH = Choice(name="scratch", options={"layers": 2, "width": 64, "heads": 4})
BLOCK = Block(texts=32, tokens=64)


def foreseen(
    tuning: str, *, in_parts: bool = False, in_4_bits: bool = False, by_hand: bool = True, available: int = 1 << 40, **more: bool
) -> Memory:
    net = outline(SCRATCH, 2)
    with torch.device("meta"):
        tuned = tune(net, Choice(name=tuning, options={}))
    found = rehearse(tuned.net, learnt=BLOCK, read=BLOCK, manner=Manner(by_hand=by_hand))
    return foresee_memory(tuned.net, found, in_parts=in_parts, in_4_bits=in_4_bits, device="cpu", available=available, **more)


def test_full_training_holds_each_weight_four_times() -> None:
    memory = foreseen("full")
    net = outline(SCRATCH, 2)
    weights = 4 * sum(parameter.numel() for parameter in net.parameters())
    assert memory.gradients == weights
    assert memory.optimiser == 2 * weights
    assert weights <= memory.weights < weights + 10_000  # and the tables of the rotation
    assert memory.program == PROGRAM_BYTES["cpu"]
    assert memory.peak == memory.program + memory.weights + memory.optimiser + memory.gradients + memory.activations


def test_a_mean_of_the_weights_is_held_beside_them() -> None:
    averaged, plain = foreseen("full", averaged=True), foreseen("full")
    assert averaged.peak - plain.peak == averaged.optimiser - plain.optimiser == plain.gradients


def test_an_adapter_saves_gradients_and_state_but_no_activations() -> None:
    lora, full, head = (foreseen(name, by_hand=False) for name in ("lora", "full", "head"))
    assert lora.gradients + lora.optimiser < (full.gradients + full.optimiser) / 4
    assert lora.activations > full.activations  # its thin matrices keep what they read, too
    assert head.activations < full.activations / 2  # nothing is learnt below it


def test_in_parts_the_gradients_wait_beside_the_activations() -> None:
    assert foreseen("full", in_parts=True).activations > foreseen("full").activations


def test_four_bits_are_an_eighth_of_the_matrices() -> None:
    whole, packed = foreseen("lora"), foreseen("lora", in_4_bits=True)
    net = outline(SCRATCH, 2)
    with torch.device("meta"):
        tune(net, Choice(name="lora", options={}))
    matrices = sum(part.weight.numel() for part in frozen_matrices(net))
    assert matrices > 50_000
    assert not any(part.weight is tensor for part in frozen_matrices(net) for tensor in learning(net).values())
    assert whole.weights - packed.weights == pytest.approx(matrices * (4 - BYTES_IN_4_BITS), abs=2)


@pytest.mark.parametrize(("available", "fits"), [(1 << 40, True), (1 << 20, False), (0, None)])
def test_whether_it_fits_is_told_or_that_nobody_knows(available: int, fits: bool | None) -> None:
    assert foreseen("lora", available=available).fits is fits


def test_judging_may_be_what_needs_most() -> None:
    assert SPARE > 1
    parts = {"program": 1, "weights": 2, "optimiser": 3, "gradients": 4, "available": 0}
    assert Memory(**parts, activations=5, judging=100).peak == 1 + 2 + 3 + 100
    assert Memory(**parts, activations=50, judging=10).peak == 1 + 2 + 3 + 4 + 50


def test_a_net_for_four_bits_is_read_whole_before() -> None:
    parts = {"program": 1, "weights": 2, "optimiser": 3, "gradients": 4, "activations": 5, "judging": 6, "available": 0}
    assert Memory(**parts, reading=100).peak == 1 + 100
    assert Memory(**parts, reading=7).peak == 1 + 2 + 3 + 4 + 5
    assert foreseen("lora", in_4_bits=True).reading == foreseen("lora").weights
    assert foreseen("lora").reading == 0


@pytest.mark.parametrize(("device", "rounded", "beside"), [("cpu", True, 4), ("cpu", False, 0), ("cuda", True, 0)])
def test_weights_in_16_bits_are_kept_in_32_where_they_would_not_come_back(device: str, rounded: bool, beside: int) -> None:
    net = outline(SCRATCH, 2)
    with torch.device("meta"):
        tuned = tune(net, Choice(name="lora", options={}))
    whole = foreseen("lora").weights
    halved = to_halve(tuned.net)
    for parameter in halved:
        parameter.data = parameter.data.to(torch.bfloat16)
    numbers = sum(parameter.numel() for parameter in halved)
    found = rehearse(tuned.net, learnt=BLOCK, read=BLOCK, manner=Manner(halved=True))
    memory = foresee_memory(
        tuned.net, found, in_parts=False, in_4_bits=False, halved=numbers, rounded=rounded, device=device, available=0
    )
    assert numbers > 0.8 * whole / 4
    assert memory.weights == whole - 2 * numbers + beside * numbers
    assert memory.reading == (whole + 2 * memory.judging if device == "cpu" else 0)
