"""What stands where in a packed row, for any texts."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.models.packing import BUCKETS, Packing, pack, parts_of

TEXTS = st.lists(st.lists(st.integers(0, 999), min_size=1, max_size=70), min_size=1, max_size=12)
LENGTHS = st.lists(st.integers(1, 200), min_size=1, max_size=40)


def places(packing: Packing) -> list[list[list[int]]]:
    """For each block and row of it the tokens that stand there."""
    order = torch.arange(packing.tokens) if packing.into_blocks is None else packing.into_blocks
    parts = torch.split(order, [texts * tokens for texts, tokens in packing.blocks])
    return [part.view(block).tolist() for part, block in zip(parts, packing.blocks, strict=True)]


@given(texts=TEXTS)
def test_texts_stand_one_behind_the_other_each_counted_from_nothing(texts: list[list[int]]) -> None:
    packing = pack(texts)
    assert packing.ids.tolist() == [[token for text in texts for token in text]]
    assert packing.positions.tolist() == [[place for text in texts for place in range(len(text))]]
    assert [packing.ids[0, place] for place in packing.last] == [text[-1] for text in texts]
    assert packing.ends.tolist() == np.cumsum([0, *map(len, texts)]).tolist()
    assert (packing.ends.dtype, packing.ids.dtype) == (torch.int32, torch.int64)
    assert (packing.texts, packing.tokens, packing.longest) == (len(texts), sum(map(len, texts)), max(map(len, texts)))


@given(texts=TEXTS)
def test_every_row_of_a_block_is_one_text_filled_up_with_its_first_token(texts: list[list[int]]) -> None:
    packing = pack(texts)
    wanted = {first: list(range(first, end)) for first, end in pairwise(packing.ends.tolist())}
    for row in (row for block in places(packing) for row in block):
        text = wanted.pop(row[0])
        assert row == text + [text[0]] * (len(row) - len(text))
    assert not wanted


@given(texts=TEXTS)
def test_what_goes_out_of_the_blocks_is_what_went_in(texts: list[list[int]]) -> None:
    packing = pack(texts)
    assert (packing.into_blocks is None) == (packing.out_of_blocks is None)
    if packing.into_blocks is not None and packing.out_of_blocks is not None:
        assert packing.into_blocks[packing.out_of_blocks].tolist() == list(range(packing.tokens))


@given(texts=TEXTS)
def test_no_text_is_filled_up_beyond_twice_its_length(texts: list[list[int]]) -> None:
    packing = pack(texts)
    ends = packing.ends.diff().tolist()
    of_place = np.repeat(np.arange(len(ends)), ends)
    for block in places(packing):
        assert all(len(row) < max(2 * ends[of_place[row[0]]], BUCKETS[0] + 1) for row in block)


@pytest.mark.parametrize("lengths", [[1], [7, 7, 7], [20, 20], [100], [5, 5, 20, 20]])
def test_texts_that_are_blocks_as_they_stand_are_not_moved(lengths: list[int]) -> None:
    packing = pack([[3] * length for length in lengths])
    assert packing.into_blocks is packing.out_of_blocks is None
    assert sum(texts * tokens for texts, tokens in packing.blocks) == packing.tokens


@pytest.mark.parametrize("lengths", [[20, 20, 5, 5], [5, 6]])
def test_other_texts_are(lengths: list[int]) -> None:
    assert pack([[3] * length for length in lengths]).into_blocks is not None


@given(texts=TEXTS)
def test_texts_kept_as_32_bit_numbers_are_packed_as_lists_are(texts: list[list[int]]) -> None:
    ours, theirs = pack([np.array(text, dtype=np.int32) for text in texts]), pack(texts)
    assert ours.ids.dtype == torch.int64
    for name, value in vars(ours).items():
        other = getattr(theirs, name)
        assert torch.equal(value, other) if isinstance(value, torch.Tensor) else value == other, name


def test_a_text_longer_than_any_bucket_of_usual_texts_has_one_to_itself() -> None:
    packing = pack([[3] * 40_000, [4]])
    assert packing.blocks == ((1, 1), (1, 40_000))
    assert packing.longest == 40_000


@pytest.mark.parametrize(("texts", "said"), [([], "a text to pack"), ([[3], []], "its last one")])
def test_no_text_and_a_text_of_nothing_cannot_be_packed(texts: list[list[int]], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        pack(texts)


@settings(max_examples=300)
@given(lengths=LENGTHS, parts=st.integers(1, 50))
def test_parts_hold_every_text_once_in_order_and_none_is_empty(lengths: list[int], parts: int) -> None:
    found = parts_of(lengths, parts)
    assert [index for part in found for index in part] == list(range(len(lengths)))
    assert all(found)
    assert len(found) <= parts


@settings(max_examples=300)
@given(lengths=LENGTHS, parts=st.integers(1, 50))
def test_no_part_is_larger_than_its_share_and_one_text(lengths: list[int], parts: int) -> None:
    for part in parts_of(lengths, parts):
        assert sum(lengths[index] for index in part) < sum(lengths) / parts + max(lengths)
