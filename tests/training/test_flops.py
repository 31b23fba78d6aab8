"""The count is held against torch's own counter of the operations it really does."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from hatetinyllm.models.model import load_model
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.models.readout import Readout
from hatetinyllm.training.flops import flops_of, work_of
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

TEXTS = [[1, 5, 6], [1, 7, 8, 9, 10, 11, 4], [1, 3]]
PRODUCTS = (torch.ops.aten.mm, torch.ops.aten.addmm, torch.ops.aten.addmm_)  # of linear layers; attention's go by other names
LEARNING = [  # the last: whether blocks are worked by hand
    ("lora", {"rank": 2, "layers": ["k_proj", "v_proj"]}, True),
    ("lora", {"rank": 4, "layers": ["o_proj", "down_proj"]}, True),
    ("full", {}, False),
    ("head", {}, True),
    ("pfeiffer", {}, False),
    ("bitfit", {}, False),
]


def into_place(_: object, left: tuple[int, int], right: tuple[int, int], **__: object) -> int:
    """What torch's counter passes over: a product that is added up in place, as in blocks that are worked by hand."""
    return 2 * left[0] * left[1] * right[1]


def net_of(tuning: str = "lora", model: dict[str, object] | None = None, **options: object) -> Readout:
    chosen = Choice(name="scratch", options={"layers": 3, "width": 32, "heads": 4}) if model is None else Choice(**model)
    net = tune(load_model(chosen, 2).net, Choice(name=tuning, options=options)).net
    assert isinstance(net, Readout)
    return net


def done(net: Readout) -> tuple[int, Layout]:
    """What a step really takes in its linear layers, and how its texts were laid."""
    with packed(net) as layout:
        assert layout.attention
        with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.addmm_: into_place}) as counter:
            net(*layout.given(TEXTS)).sum().backward()
        counts = counter.get_flop_counts()["Global"]
        return sum(counts.get(product, 0) for product in PRODUCTS), layout


def counted(net: Readout, layout: Layout) -> int:
    """What a step is counted to take."""
    return flops_of(net, texts=len(TEXTS), tokens=sum(map(len, TEXTS)), last_only=layout.last_only, by_hand=layout.by_hand)


@pytest.mark.parametrize(("tuning", "options", "by_hand"), LEARNING)
def test_a_step_has_exactly_the_counted_operations(tuning: str, options: dict[str, object], by_hand: bool) -> None:
    net = net_of(tuning, **options)
    real, layout = done(net)
    assert layout.last_only
    assert layout.by_hand is by_hand
    assert counted(net, layout) == real


@pytest.mark.parametrize("kind", ["OPT", "Phi", "GPT2", "GPTNeoX", "Mistral"])
def test_other_architectures_are_counted_as_exactly(checkpoint: Callable[[str], Path], kind: str) -> None:
    net = net_of("lora", {"name": "hub", "options": {"id": str(checkpoint(kind))}}, rank=2)
    real, layout = done(net)
    assert counted(net, layout) == real


def test_the_count_of_one_layer_is_the_one_that_is_written_down() -> None:
    net = net_of("head")
    work = work_of(net)
    assert work.text == 2 * 2 * 32 * 2  # forward, and the gradient of its weights
    feed_forward = 3 * 32 * net.config.intermediate_size
    assert work.tail == 2 * feed_forward
    assert work.token == 2 * (3 * 4 * 32 * 32 + 2 * feed_forward)


def test_blocks_whose_answers_are_kept_are_not_counted() -> None:
    net = net_of("head")
    kept, whole = work_of(net, frozen_blocks=2), work_of(net)
    assert kept.token == 2 * 4 * 32 * 32
    assert (kept.tail, kept.text) == (whole.tail, whole.text)


def test_counting_changes_neither_the_net_nor_the_chance_of_the_run() -> None:
    net = net_of("lora", dropout=0.5)
    net.train()
    torch.manual_seed(3)
    before = torch.get_rng_state()
    with torch.no_grad():
        work_of(net)
    assert net.training
    assert torch.equal(torch.get_rng_state(), before)
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in net.modules())
