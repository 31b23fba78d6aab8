"""A rehearsed step computes what a real one does, and holds what a real one holds."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from hatetinyllm.models.lower import freeze_below
from hatetinyllm.models.model import Model, load_model, outline
from hatetinyllm.models.packed import packed
from hatetinyllm.training.bench import recomputed
from hatetinyllm.training.rehearsal import Block, Manner, Rehearsal, rehearse
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice

SCRATCH = Choice(name="scratch", options={"layers": 2, "width": 64, "heads": 4})
LORA = Choice(name="lora", options={"rank": 2, "dropout": 0.1})
BLOCK = Block(texts=4, tokens=24)


PADDED = Manner(packs=False)


def rehearsed(model: Choice, tuning: Choice, *, manner: Manner = PADDED, learnt: Block = BLOCK) -> Rehearsal:
    net = outline(model, 2)
    with torch.device("meta"):
        tuned = tune(net, tuning)
    return rehearse(tuned.net, learnt=learnt, read=BLOCK, manner=manner)


def real(tuning: Choice) -> Model:
    model = load_model(SCRATCH, 2)
    tune(model.net, tuning)
    return model


@pytest.mark.parametrize("tuning", [LORA, Choice(name="full", options={})])
def test_products_are_counted_as_torch_counts_those_of_a_real_step(tuning: Choice) -> None:
    net = real(tuning).net.train()
    with FlopCounterMode(display=False) as counter:
        net(torch.zeros(4, 24, dtype=torch.long), torch.full((4,), 24)).logsumexp(-1).sum().backward()
    assert rehearsed(SCRATCH, tuning).learnt.flops == counter.get_total_flops()


def test_what_is_kept_for_the_gradients_is_what_a_real_step_keeps() -> None:
    net = real(LORA).net.train()
    own = {tensor.untyped_storage().data_ptr() for tensor in (*net.parameters(), *net.buffers())}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        logits = net(torch.zeros(4, 24, dtype=torch.long), torch.full((4,), 24))
    assert logits.shape == (4, 2)
    peak = rehearsed(SCRATCH, LORA).learnt.peak_bytes
    assert sum(kept.values()) <= peak < 1.3 * sum(kept.values())


@pytest.mark.parametrize("tuning", [LORA, Choice(name="full", options={})])
def test_packed_products_are_those_of_a_real_packed_step(tuning: Choice) -> None:
    net = real(tuning).net
    texts = [[0] * 23, *[[0] * 24] * 3]
    with packed(net) as layout, FlopCounterMode(display=False) as counter:
        assert layout.last_only
        assert layout.by_hand == (tuning is LORA)
        net.train()
        net(*layout.given(texts)).logsumexp(-1).sum().backward()
    found = rehearsed(SCRATCH, tuning, manner=Manner())
    in_place = [operation for operation in found.learnt.operations if operation.function is torch.ops.aten.addmm_.default]
    assert found.packed
    assert bool(in_place) == layout.by_hand
    # torch counts no product that is written in place
    assert found.learnt.flops - sum(one.flops * one.times for one in in_place) == counter.get_total_flops()
    assert found.read.flops == rehearsed(SCRATCH, tuning).read.flops


def test_packing_leaves_most_of_the_last_block_out_and_work_by_hand_keeps_less() -> None:
    padded, packed, by_hand = (
        rehearsed(SCRATCH, LORA, manner=manner).learnt for manner in (PADDED, Manner(by_hand=False), Manner())
    )
    assert packed.flops < padded.flops
    assert by_hand.peak_bytes < packed.peak_bytes < padded.peak_bytes


def test_what_is_worked_out_again_takes_more_work_and_less_memory() -> None:
    found = []
    for again in (False, True):
        net = outline(Choice(name="scratch", options={"layers": 4, "width": 64, "heads": 4}), 2)
        with torch.device("meta"):
            tuned = tune(net, LORA)
        with recomputed(tuned) if again else nullcontext():
            found.append(rehearse(tuned.net, learnt=Block(texts=16, tokens=32), read=BLOCK, manner=Manner()))
    assert found[1].packed
    assert found[1].learnt.flops > found[0].learnt.flops
    assert found[1].learnt.peak_bytes < found[0].learnt.peak_bytes


@pytest.mark.parametrize("halved", [False, True])
def test_blocks_that_do_not_learn_are_worked_once(halved: bool) -> None:
    nets = [outline(Choice(name="scratch", options={"layers": 4, "width": 64, "heads": 4}), 2) for _ in range(2)]
    found = []
    for net, frozen_blocks in zip(nets, (0, 2), strict=True):
        with torch.device("meta"):
            tuned = tune(net, LORA)
        freeze_below(tuned.net, 2)
        manner = Manner(halved=halved, frozen_blocks=frozen_blocks)
        found.append(rehearse(tuned.net, learnt=BLOCK, read=BLOCK, manner=manner))
    each, once = found
    assert each.lower is None
    assert once.lower is not None
    assert once.lower.flops == pytest.approx(each.learnt.flops - once.learnt.flops, rel=0.01)


def test_a_net_that_cannot_be_called_with_a_packing_is_rehearsed_padded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object, **named: object) -> None:
        raise NotImplementedError("never packed")

    monkeypatch.setattr("hatetinyllm.models.readout.Readout._last_packed", refuse)
    found = rehearsed(SCRATCH, LORA, manner=Manner())
    assert not found.packed
    assert found.learnt.flops == rehearsed(SCRATCH, LORA).learnt.flops


def test_gradients_count_where_they_are_made_and_a_step_down_makes_no_weights_of_its_own() -> None:
    found = rehearsed(SCRATCH, Choice(name="full", options={}))
    sizes = [parameter.nbytes for parameter in learning(real(Choice(name="full", options={})).net).values()]
    assert found.learnt.peak_bytes >= sum(sizes)
    assert found.descended.peak_bytes < 1000  # a number of each weight, for the length of the gradient
    assert found.descended.flops == 0
    assert 0 < found.read.peak_bytes < found.learnt.peak_bytes


def test_half_precision_halves_no_frozen_weight_but_keeps_a_copy() -> None:
    halves = rehearsed(SCRATCH, LORA, manner=replace(PADDED, halved=True)).learnt
    assert any(operation.function is torch.ops.aten._to_copy.default for operation in halves.operations)
    assert halves.flops == rehearsed(SCRATCH, LORA).learnt.flops


def test_twice_the_texts_are_twice_the_work() -> None:
    one, two = (rehearsed(SCRATCH, LORA, learnt=Block(texts=texts, tokens=24)).learnt for texts in (4, 8))
    assert two.flops == 2 * one.flops
    assert 1.8 < two.peak_bytes / one.peak_bytes <= 2.0
    assert two.calls == one.calls


@pytest.mark.parametrize("kind", ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"])
def test_every_architecture_can_be_rehearsed(kind: str, checkpoint: Callable[[str], Path]) -> None:
    found = rehearsed(Choice(name="hub", options={"id": str(checkpoint(kind))}), LORA, manner=Manner())
    assert found.packed
    assert found.learnt.flops > found.read.flops > 0


@pytest.mark.parametrize("tuning", sorted(TUNINGS))
@pytest.mark.parametrize("halved", [False, True])
def test_every_tuning_can_be_rehearsed(tuning: str, halved: bool, checkpoint: Callable[[str], Path]) -> None:
    choice = Choice(name="hub", options={"id": str(checkpoint("OPT"))})
    assert rehearsed(choice, Choice(name=tuning, options={}), manner=Manner(halved=halved)).learnt.peak_bytes > 0
