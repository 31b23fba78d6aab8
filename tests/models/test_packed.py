"""
Packed, padded or alone: a text has the same loss and the same gradients, and a net that cannot promise it is left alone.

Of many architectures, tiny and random; adapters are made random too, where they begin at nothing their gradients would be.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import pytest
import torch
import transformers
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import AutoConfig, AutoModel

from hatetinyllm.models import attention
from hatetinyllm.models import packed as packed_module
from hatetinyllm.models.attention import SEGMENTS
from hatetinyllm.models.hub import attention_of, quiet
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.models.readout import Readout, pad_right
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice

POSITIONS = 64
SHAPE = {"vocab_size": 32, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
SHARING = {"intermediate_size": 48, "num_key_value_heads": 2, "head_dim": 8}
ABLE: dict[str, dict[str, Any]] = {
    "llama": SHARING,
    "mistral": {**SHARING, "sliding_window": 16},
    "opt": {"ffn_dim": 48, "word_embed_proj_dim": 32},
    "phi": {"intermediate_size": 48, "partial_rotary_factor": 0.5},
    "gpt_neox": {"intermediate_size": 48},
    "gpt2": {},
    "gemma3_text": {**SHARING, "sliding_window": 16},
    "qwen3": SHARING,
}
UNABLE: dict[str, tuple[dict[str, Any], str]] = {
    "bloom": ({}, "a text sees its neighbours"),
    "falcon": ({"alibi": True}, "unsupported operand"),
    "mamba": ({}, "a text sees its neighbours"),
    "gemma2": ({**SHARING, "sliding_window": 16}, "softcap"),
    "phimoe": ({**SHARING, "sliding_window": 16, "num_local_experts": 2}, "of the mask alone"),
}
ADAPTERS: dict[str, dict[str, Any]] = {"lora": {"layers": (), "dropout": 0.0}, "houlsby": {"bottleneck": 4}}
TEXTS = [[5 + place % 20 for place in range(length)] for length in (7, 1, 40, 17, 3, 18)]  # 40 and 17: beyond the windows
BY_HAND = ("llama", "mistral")
LABELS = torch.tensor([0, 1, 1, 0, 0, 1])


def made(kind: str, **changes: Any) -> Readout:
    """A tiny net of some architecture."""
    shape = {**SHAPE, "max_position_embeddings": POSITIONS, **(ABLE.get(kind) or UNABLE.get(kind, ({}, ""))[0]), **changes}
    config = AutoConfig.for_model(kind, **shape, pad_token_id=0, bos_token_id=1, eos_token_id=1)
    torch.manual_seed(0)
    with quiet():
        return Readout(AutoModel.from_config(config, attn_implementation=attention_of(config)), 2)


def tuned(net: Readout, tuning: str) -> Readout:
    """The net with an adapter of random numbers."""
    tune(net, Choice(name=tuning, options=ADAPTERS[tuning]))
    torch.manual_seed(1)
    for parameter in learning(net).values():
        nn.init.normal_(parameter, std=0.1)
    return net.eval()


Gradients = dict[str, Tensor]


def worked(net: nn.Module, given: Sequence[tuple[Any, ...]], labels: Sequence[Tensor]) -> tuple[float, Gradients]:
    """Loss and gradients of all texts, worked in some pieces."""
    learns, total = learning(net), torch.zeros(())
    net.zero_grad()
    for piece, answers in zip(given, labels, strict=True):
        total = total + cross_entropy(net(*piece), answers, reduction="sum") / sum(map(len, labels))
    return total.item(), dict(zip(learns, torch.autograd.grad(total, list(learns.values())), strict=True))


def apart(found: Gradients, wanted: Gradients) -> float:
    """The largest difference of a tensor's gradient, by the length of it."""
    assert found.keys() == wanted.keys()
    assert all(gradient.norm() > 0 for gradient in wanted.values())
    return max(float((found[name] - wanted[name]).norm() / wanted[name].norm()) for name in wanted)


@pytest.mark.parametrize("way", ["as proved", "no block by hand", "every block in full"])
@pytest.mark.parametrize("tuning", ADAPTERS)
@pytest.mark.parametrize("kind", ABLE)
def test_packed_padded_and_alone_a_text_has_one_loss_and_one_gradient(
    monkeypatch: pytest.MonkeyPatch, kind: str, tuning: str, way: str
) -> None:
    net = tuned(made(kind), tuning)
    padded = worked(net, [pad_right(TEXTS)], [LABELS])
    alone = worked(net, [pad_right([text]) for text in TEXTS], torch.split(LABELS, 1))
    if way == "no block by hand":
        monkeypatch.setattr(packed_module, "fused", lambda blocks, last_only: nullcontext(False))
    if way == "every block in full":
        monkeypatch.setattr(packed_module, "blocks_of", lambda decoder: None)
    with packed(net) as layout:
        assert (layout.attention, layout.notes) == (SEGMENTS, ())
        assert layout.last_only == (way != "every block in full")
        assert layout.by_hand == (way == "as proved" and kind in BY_HAND and tuning == "lora")
        found = worked(net, [layout.given(TEXTS)], [LABELS])
        parts = worked(net, [layout.given(TEXTS[:2]), layout.given(TEXTS[2:])], [LABELS[:2], LABELS[2:]])
    for other in (padded, alone, parts):
        assert found[0] == pytest.approx(other[0], rel=1e-5)
        assert apart(found[1], other[1]) <= 1e-5


@pytest.mark.parametrize("kind", ABLE)
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_transformers_own_classifier_under_peft_padded_with_a_mask_has_the_same(kind: str) -> None:
    net = made(kind)
    config = net.config
    theirs: Any = transformers.AutoModelForSequenceClassification.from_config(
        type(config).from_dict({**config.to_dict(), "num_labels": 2, "pad_token_id": 0})
    )
    theirs.load_state_dict(net.state_dict())
    net = tuned(net, "lora")
    ends = {name.rpartition(".lora_A")[0] for name in learning(net) if ".lora_A" in name}
    conv = kind == "gpt2"
    wrapped = get_peft_model(
        theirs, LoraConfig(r=8, lora_alpha=16, target_modules=sorted(ends), task_type="SEQ_CLS", fan_in_fan_out=conv)
    ).eval()
    own = dict(net.named_parameters())
    with torch.no_grad():
        for name, parameter in learning(theirs).items():
            parameter.copy_(own[name])
    ids, lengths = pad_right(TEXTS)
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    loss = wrapped(input_ids=ids, attention_mask=mask, labels=LABELS).loss
    wanted = dict(zip(learning(theirs), torch.autograd.grad(loss, list(learning(theirs).values())), strict=True))
    with packed(net) as layout:
        found = worked(net, [layout.given(TEXTS)], [LABELS])
    assert found[0] == pytest.approx(loss.item(), rel=1e-5)
    assert apart(found[1], wanted) <= 1e-5


@pytest.mark.parametrize("tuning", list(TUNINGS))
def test_under_every_tuning_texts_are_packed_and_answered_as_padded_ones(tuning: str) -> None:
    if tuning == "qlora":
        pytest.importorskip("bitsandbytes", reason="4-bit weights are bitsandbytes'")
    net = made("llama")
    done = tune(net, Choice(name=tuning, options={"tokens": 5} if tuning == "prefix" else {}))
    padded = net.eval()(*pad_right(TEXTS)).detach()
    with packed(net, virtual_tokens=done.virtual_tokens) as layout, torch.no_grad():
        assert (layout.attention, layout.last_only, layout.notes) == (SEGMENTS, True, ())
        torch.testing.assert_close(net(*layout.given(TEXTS)), padded, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["opt", "gpt2", "llama"])
def test_a_prefix_that_takes_most_of_the_positions_leaves_short_texts_to_be_asked_with(kind: str) -> None:
    net = made(kind)
    done = tune(net, Choice(name="prefix", options={"tokens": POSITIONS - 4}))
    texts = [[3, 4, 5, 6], [7]]
    padded = net.eval()(*pad_right(texts)).detach()
    with packed(net, virtual_tokens=done.virtual_tokens) as layout, torch.no_grad():
        assert layout.attention == SEGMENTS
        torch.testing.assert_close(net(*layout.given(texts)), padded, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["llama", "opt", "gpt2"])
@pytest.mark.parametrize("lengths", [[1], [9], [1, 1, 1], [POSITIONS], [1 + place % 30 for place in range(300)]])
def test_any_number_of_texts_of_any_length_that_fits_can_be_packed(kind: str, lengths: list[int]) -> None:
    net = made(kind).eval()
    texts = [[5 + place % 20 for place in range(length)] for length in lengths]
    with torch.no_grad():
        padded = net(*pad_right(texts))
        with packed(net) as layout:
            torch.testing.assert_close(net(*layout.given(texts)), padded, atol=1e-5, rtol=1e-5)


def as_under_accelerate(net: Readout) -> Readout:
    """Arithmetic in 16 bits, as accelerate sees to it."""
    net.forward = torch.autocast("cpu", dtype=torch.bfloat16)(net.forward)  # type: ignore[method-assign]
    return net


@pytest.mark.parametrize("halved", [lambda net: net.to(torch.bfloat16), as_under_accelerate], ids=["weights", "arithmetic"])
@pytest.mark.parametrize("kind", ["llama", "opt", "phi"])
def test_rounding_to_16_bits_is_no_reason_to_refuse(kind: str, halved: Callable[[Readout], Readout]) -> None:
    net = halved(made(kind))
    with packed(net) as layout:
        assert (layout.attention, layout.last_only) == (SEGMENTS, True)


State = tuple[Any, ...]


def state_of(net: Readout) -> State:
    """All that asking a net might change, beside its weights."""
    parts = list(net.modules())
    return (
        net.config._attn_implementation,
        [(part.training, vars(part).get("forward"), len(part._forward_hooks), len(part._forward_pre_hooks)) for part in parts],
        [(parameter.requires_grad, parameter.grad) for parameter in net.parameters()],
        torch.get_rng_state().tolist(),
        torch.is_grad_enabled(),
        net.config.to_dict(),
    )


@pytest.fixture
def unlike() -> Callable[[str], Readout]:
    """A net that learns in part, one part of it set to answer for good, and chance at some place."""

    def make(kind: str) -> Readout:
        net = made(kind).train()
        for parameter in list(net.parameters())[::2]:
            parameter.requires_grad_(False)
        next(net.decoder.children()).eval()
        torch.manual_seed(5)
        return net

    return make


@pytest.mark.parametrize("kind", [*ABLE, *UNABLE])
def test_a_net_is_as_it_was_afterwards_and_chance_too(unlike: Callable[[str], Readout], kind: str) -> None:
    net = unlike(kind)
    before = state_of(net)
    with packed(net):
        assert [part.training for part in net.modules()] == [mode[0] for mode in before[1]]
        assert torch.get_rng_state().tolist() == before[3]
        assert net.config.to_dict() == before[-1], "a net that is saved meanwhile must not name an attention of ours"
    assert state_of(net) == before


def test_a_net_is_as_it_was_after_an_error_too(unlike: Callable[[str], Readout]) -> None:
    net = unlike("llama")
    before = state_of(net)
    with pytest.raises(KeyError), packed(net):
        raise KeyError
    net.score = nn.Linear(5, 2)
    broken = state_of(net)
    with pytest.raises(RuntimeError), packed(net):
        pass
    assert state_of(net) == broken
    assert broken[0] == before[0]


@pytest.mark.parametrize(("kind", "said"), [(kind, said) for kind, (_, said) in UNABLE.items()])
def test_a_net_that_cannot_read_packed_texts_says_so_and_reads_padded_ones(kind: str, said: str) -> None:
    net = made(kind).eval()
    before = state_of(net)
    with packed(net) as layout:
        refused(layout, said)
        assert state_of(net) == before
        assert net(*layout.given(TEXTS)).shape == (6, 2)


def refused(layout: Layout, said: str) -> None:
    assert (layout.attention, layout.last_only) == ("", False)
    assert said in layout.notes[0]
    assert "texts are padded" in layout.notes[-1]
    assert [type(part) for part in layout.given(TEXTS)] == [Tensor, Tensor]


def leak(*given: Any, packing: Any = None, **named: Any) -> Any:
    return attend(*given, **named)


def change(*given: Any, **named: Any) -> Any:
    found, told = attend(*given, **named)
    return found * 1.01, told


def fail(*given: Any, **named: Any) -> Any:
    raise RuntimeError("no kernel for this card\nand a long story")


attend = attention.attend_in_buckets


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(leak, "a text sees its neighbours"), (change, "logits change by"), (fail, "htl_seg: no kernel for this card")],
)
@pytest.mark.parametrize("kind", ["llama", "opt"])
def test_an_attention_that_does_not_do_what_it_should_is_found_out(
    monkeypatch: pytest.MonkeyPatch, kind: str, wrong: Callable[..., Any], said: str
) -> None:
    monkeypatch.setattr(attention, "attend_in_buckets", wrong)
    net = made(kind)
    before = state_of(net)
    with packed(net) as layout:
        refused(layout, said)
        assert "story" not in layout.notes[0]
        assert state_of(net) == before


class NotFour(nn.Module):
    """A feed-forward part that does not like four tokens."""

    def forward(self, hidden: Tensor) -> Tensor:
        if hidden.shape[1] == 4:
            raise ValueError("these are four")
        return 2 * hidden


def test_a_last_block_that_does_not_bear_it_is_worked_for_all_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_module, "PROBE_LENGTHS", [32, 2, 31, 6])  # four texts, so four last tokens
    net = made("llama").eval()
    blocks: Any = net.decoder.layers
    blocks[-1].mlp = NotFour()
    padded = net(*pad_right(TEXTS))
    with packed(net) as layout:
        assert (layout.attention, layout.last_only, layout.notes) == (SEGMENTS, False, ())
        torch.testing.assert_close(net(*layout.given(TEXTS)), padded, atol=1e-5, rtol=1e-5)
