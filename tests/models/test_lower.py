"""Below a block nothing learns, and a net that begins there gives the logits and the gradients of the whole net."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import AutoConfig, AutoModel

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import attention_of, quiet
from hatetinyllm.models.last_tokens import blocks_of
from hatetinyllm.models.lower import begun_at, entering, freeze_below, why_not_begun_at
from hatetinyllm.models.packed import packed
from hatetinyllm.models.packing import pack
from hatetinyllm.models.readout import Readout, pad_right
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice

SHAPE = {"vocab_size": 32, "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "max_position_embeddings": 64}
SHARING = {"intermediate_size": 48, "num_key_value_heads": 2}
KINDS: dict[str, dict[str, Any]] = {
    "llama": SHARING,
    "mistral": {**SHARING, "sliding_window": 16},
    "opt": {"ffn_dim": 48, "word_embed_proj_dim": 16, "dropout": 0.0},
    "phi": {"intermediate_size": 48, "partial_rotary_factor": 0.5},
    "gpt_neox": {"intermediate_size": 48},
    "gpt2": {},
    "gemma3_text": {**SHARING, "head_dim": 8, "sliding_window": 16},
}
TUNINGS: dict[str, dict[str, Any]] = {
    "full": {},
    "lora": {"layers": (), "dropout": 0.0},
    "dora": {"layers": (), "dropout": 0.0},
    "ia3": {},
    "houlsby": {"bottleneck": 4, "norms": True},
    "pfeiffer": {"bottleneck": 4},
    "bitfit": {},
    "head": {},
}
TEXTS = [[5 + place % 20 for place in range(length)] for length in (7, 1, 40, 17, 3, 18)]
LABELS = torch.tensor([0, 1, 1, 0, 0, 1])


def made(kind: str, tuning: str = "full", **changes: Any) -> Readout:
    """A tiny net whose dropout is off."""
    config = AutoConfig.for_model(kind, **{**SHAPE, **KINDS[kind], **changes}, pad_token_id=0, bos_token_id=1, eos_token_id=1)
    torch.manual_seed(0)
    with quiet():
        net = Readout(AutoModel.from_config(config, attn_implementation=attention_of(config)), 2)
    tune(net, Choice(name=tuning, options=TUNINGS.get(tuning, {})))
    for part in net.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return net


def shaken(net: Readout) -> Readout:
    """The net with other numbers in all that learns: a fresh adapter has matrices of zeros, behind which no gradient arrives."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in learning(net).values():
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
    return net


def gradients(net: Readout, logits: Tensor) -> dict[str, Tensor]:
    learns = learning(net)
    found = torch.autograd.grad(cross_entropy(logits, LABELS), list(learns.values()), allow_unused=True)
    return {name: gradient for name, gradient in zip(learns, found, strict=True) if gradient is not None}


@contextmanager
def counted(net: Readout) -> Iterator[list[int]]:
    """While open, the number of every block that is worked; to be opened before a net begins anywhere."""
    blocks: Any = blocks_of(net.decoder)
    called = list[int]()
    before = [block.forward for block in blocks]

    def work(index: int, *given: Any, **named: Any) -> Any:
        called.append(index)
        return before[index](*given, **named)

    for index, block in enumerate(blocks):
        block.forward = partial(work, index)
    yield called
    for block, forward in zip(blocks, before, strict=True):
        block.forward = forward


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("tuning", ["full", "lora"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_net_begun_at_a_block_has_the_logits_and_gradients_of_the_whole_net(kind: str, tuning: str, count: int) -> None:
    net = made(kind, tuning)
    freeze_below(net, count)
    shaken(net).train()
    alone = net(*pad_right(TEXTS))
    expected = gradients(net, alone)
    with packed(net) as layout:
        assert layout.attention
        packing = pack(TEXTS)
        with counted(net) as called, begun_at(net, count):
            given = replace(packing, entering=entering(net, count, packing))
            assert set(called) == set(range(count)), "what enters a block is known without the block"
            called.clear()
            logits = net(given)
            assert set(called) == set(range(count, 4))
            found = gradients(net, logits)
            called.clear()
            torch.testing.assert_close(net(packing), alone, rtol=1e-5, atol=1e-6)
            assert set(called) == set(range(4)), "a packing that carries nothing goes through all blocks"
    torch.testing.assert_close(logits, alone, rtol=1e-5, atol=1e-6)
    assert found.keys() == expected.keys()
    assert len(found) == len(learning(net)), "what does not learn is known not to"
    for name, gradient in expected.items():
        assert float((found[name] - gradient).norm()) <= 1e-5 * float(gradient.norm().clamp(min=1e-2)), name
    torch.testing.assert_close(net(*pad_right(TEXTS)), alone)


@pytest.mark.parametrize("kind", ["llama", "opt"])
@pytest.mark.parametrize("tuning", list(TUNINGS))
def test_nothing_before_the_block_learns_and_adapters_there_change_nothing(tuning: str, kind: str) -> None:
    net, bare = made(kind, tuning), made(kind, "head")
    every = set(learning(net))
    freeze_below(net, 2)
    before = [name for name in learning(net) if "embed" in name or "project_in" in name or ".0." in name or ".1." in name]
    assert not before
    assert any(name.startswith("score.") for name in learning(net))
    frozen = {name for name in every if name not in learning(net)}
    assert bool(frozen) == (tuning != "head")
    packing = pack(TEXTS)
    with packed(net), packed(bare):
        torch.testing.assert_close(entering(net, 2, packing), entering(bare, 2, packing), rtol=1e-6, atol=1e-6)


def test_activations_are_computed_again_from_the_block_on() -> None:
    net = made("llama")
    freeze_below(net, 2)
    expected = gradients(net.train(), net(*pad_right(TEXTS)))
    block: Any
    pieces = list[Any]()

    def again(work: Callable[..., Any], *given: Any) -> Any:
        pieces.append(work)
        return torch.utils.checkpoint.checkpoint(work, *given, use_reentrant=False)

    for block in blocks_of(net.decoder) or ():
        block.gradient_checkpointing, block._gradient_checkpointing_func = True, again
    with packed(net) as layout, begun_at(net, 2):
        assert layout.last_only
        packing = pack(TEXTS)
        logits = net(replace(packing, entering=entering(net, 2, packing)))
        assert len(pieces) == 2, "the two blocks that are worked"
        found = gradients(net, logits)
    assert all(float((found[name] - part).norm()) <= 1e-5 * float(part.norm()) for name, part in expected.items())


def test_a_net_proves_that_it_can_begin_at_a_block() -> None:
    net = made("llama")
    with packed(net):
        assert why_not_begun_at(net, 2, TEXTS, kind=torch.float32) == ""
        assert why_not_begun_at(net, 2, TEXTS, kind=torch.bfloat16) == ""
        blocks: Any = blocks_of(net.decoder)
        left = list[Tensor]()
        leave = blocks[0].register_forward_pre_hook(lambda block, given: left.append(given[0]))
        assert why_not_begun_at(net, 2, TEXTS, kind=torch.float32) == ""
        blocks[0].mlp.register_forward_pre_hook(lambda part, given: left.append(given[0]))
        leave.remove()
        blocks[3].register_forward_pre_hook(lambda block, given: (given[0] + left[-1], *given[1:]))
        assert net(pack(TEXTS)).isfinite().all()
        assert why_not_begun_at(net, 2, TEXTS, kind=torch.float32), "a block reads what a lower one left for it"
        net.config.layerdrop = 0.1
        assert "by chance" in why_not_begun_at(net, 2, TEXTS, kind=torch.float32)


@pytest.mark.parametrize("count", [4, 9, -1])
def test_a_block_that_is_not_there_is_named(count: int) -> None:
    net = made("llama")
    with pytest.raises(ModelError, match=f"frozen_blocks is {count}, and the model has 4 blocks") as caught:
        freeze_below(net, count)
    assert "at most 3" in caught.value.problems[0]
    assert len(learning(net)) == len(list(net.parameters()))


def test_no_block_frozen_is_nothing_frozen() -> None:
    net = made("llama")
    freeze_below(net, 0)
    assert len(learning(net)) == len(list(net.parameters()))


def test_what_every_block_reads_cannot_be_frozen_in_some() -> None:
    prefix = made("llama", "prefix")
    with pytest.raises(ModelError, match="cannot freeze some blocks") as caught:
        freeze_below(prefix, 1)
    assert caught.value.problems == ("the tuning's 'prefix' is read by every block",)
    shared: Any = made("llama")
    shared.decoder.layers[3].mlp = shared.decoder.layers[0].mlp
    with pytest.raises(ModelError, match="cannot freeze some blocks") as caught:
        freeze_below(shared, 1)
    assert "one set of weights" in caught.value.problems[0]
