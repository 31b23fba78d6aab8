"""What follows a beginning that was read before gets the hidden states of the whole text, to the last digits."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, MambaConfig, MambaModel

from hatetinyllm.errors import ModelError
from hatetinyllm.inference.prefix import Beginning, require_reuse, shared_length

PREFIX = list(range(10, 40))
TAILS = [[50, 51], [60], [70, 71, 72, 73, 74, 75, 76, 77, 78], [80, 81], [90, 91, 92, 93]]
KINDS = {
    "Llama": {},
    "Phi": {},
    "OPT": {},
    "Mistral": {"sliding_window": 8},  # shorter than the beginning, and than a tail behind it
    "GPTNeoX": {},
    "GPT2": {},
}


def whole(decoder: torch.nn.Module, ids: Sequence[int]) -> torch.Tensor:
    return decoder(input_ids=torch.tensor([list(ids)]), use_cache=False).last_hidden_state[0]


@pytest.fixture(params=KINDS)
def decoder(request: pytest.FixtureRequest, speaker: Callable[..., Path]) -> torch.nn.Module:
    return AutoModel.from_pretrained(speaker(request.param, **KINDS[request.param])).eval()


@torch.inference_mode()
@pytest.mark.parametrize("shared", [0, 1, 7, 8, 9, len(PREFIX)])
def test_a_beginning_changes_nothing(decoder: torch.nn.Module, shared: int) -> None:
    tails = [PREFIX[shared:] + tail for tail in TAILS]
    beginning = Beginning(decoder, PREFIX[:shared])
    reading = beginning.read(tails, keep=True)
    for row, tail in enumerate(TAILS):
        expected = whole(decoder, PREFIX + tail)
        assert torch.allclose(reading.last[row], expected[-1], atol=1e-5)
        assert torch.allclose(beginning.read([tails[row]]).last[0], expected[-1], atol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize("room", [1, 85, 10_000])
@pytest.mark.parametrize("shared", [0, 6, len(PREFIX)])
def test_what_was_read_can_be_read_on_step_by_step_and_again(decoder: torch.nn.Module, shared: int, room: int) -> None:
    beginning = Beginning(decoder, PREFIX[:shared])
    reading = beginning.read([PREFIX[shared:] + tail for tail in TAILS], behind=[300, 301], keep=True)
    for _ in range(2):  # the first time must not change what the second finds
        seen = []
        for group in reading.groups(room):
            further = torch.tensor([[100 + row, 200, 201] for row in group.rows.tolist()])
            found = torch.cat([beginning.read_on(group, further[:, :2]), beginning.read_on(group, further[:, 2:])], dim=1)
            for place, row in enumerate(group.rows.tolist()):
                expected = whole(decoder, PREFIX + TAILS[row] + further[place].tolist())[-3:]
                assert torch.allclose(found[place], expected, atol=1e-5)
                seen.append(row)
        assert sorted(seen) == list(range(len(TAILS)))
    assert len(list(reading.groups(1))) == len(TAILS)
    assert len(list(reading.groups(10_000))) == 1


@torch.inference_mode()
def test_the_same_tokens_can_be_read_behind_all_rows(decoder: torch.nn.Module) -> None:
    reading = Beginning(decoder, PREFIX).read(TAILS, behind=[300, 301])
    for row, tail in enumerate(TAILS):
        expected = whole(decoder, [*PREFIX, *tail, 300, 301])
        assert torch.allclose(reading.last[row], expected[-3], atol=1e-5)
        assert torch.allclose(reading.behind[row], expected[-2:], atol=1e-5)
    assert Beginning(decoder, PREFIX).read(TAILS).behind.shape[1] == 0


def test_the_shared_length_leaves_every_prompt_a_token() -> None:
    assert shared_length([[1, 2, 3], [1, 2, 4], [1, 2, 3, 5]]) == 2
    assert shared_length([[1, 2], [1, 2, 3]]) == 1
    assert shared_length([[1, 2, 3]]) == 2
    assert shared_length([[1], [2, 3]]) == 0
    assert shared_length([]) == 0


def test_a_net_that_reads_otherwise_in_parts_is_refused(speaker: Callable[..., Path]) -> None:
    decoder = AutoModel.from_pretrained(speaker("Llama")).eval()
    require_reuse(decoder, PREFIX)

    def misled(module: torch.nn.Module, given: tuple[object, ...], named: dict[str, object]) -> tuple[object, object]:
        return given, {
            **named,
            "position_ids": torch.arange(named["input_ids"].shape[1])[None].expand(len(named["input_ids"]), -1),
        }

    decoder.register_forward_pre_hook(misled, with_kwargs=True)
    with pytest.raises(ModelError, match="llama reads a prompt otherwise in parts"):
        require_reuse(decoder, PREFIX)


def test_a_net_without_keys_and_values_is_refused(speaker: Callable[..., Path]) -> None:
    decoder = AutoModel.from_pretrained(speaker("Llama")).eval()

    def forgetful(module: torch.nn.Module, given: tuple[object, ...], named: dict[str, object]) -> tuple[object, object]:
        return given, {"input_ids": named["input_ids"], "use_cache": False}

    decoder.register_forward_pre_hook(forgetful, with_kwargs=True)
    with pytest.raises(ModelError, match="llama keeps no keys and values"):
        require_reuse(decoder, PREFIX)


def test_a_recurrent_net_is_refused() -> None:
    shape = MambaConfig(vocab_size=128, hidden_size=16, num_hidden_layers=1, pad_token_id=0, use_mambapy=False)
    with pytest.raises(ModelError, match="a mamba cannot read a prompt in parts"):
        require_reuse(MambaModel(shape).eval(), PREFIX)
