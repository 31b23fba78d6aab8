"""Texts in rows: all of them whole, none sees another, and the net says of them what it says of each alone."""

import pytest
import torch
from transformers import LlamaConfig, LlamaModel

from hatetinyllm.models import grid
from hatetinyllm.models.readout import Readout, pad_right
from hatetinyllm.models.rows import lay_in_rows

TEXTS = [[5, 6, 7], [8] * 60, [9, 10], list(range(2, 32)), [3]]


@pytest.fixture
def unmade(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks as they are written: making code takes a minute."""
    monkeypatch.setattr(grid, "_made", lambda: grid.block)


def net() -> Readout:
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=50,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
    )
    return Readout(LlamaModel(shape), 3)


def test_every_text_stands_whole_in_one_row() -> None:
    rows = lay_in_rows(TEXTS)
    assert rows.ids.shape == (2, 64)
    for index, text in enumerate(TEXTS):
        where = (rows.texts == index).nonzero()
        assert len({int(row) for row, _ in where}) == 1
        assert rows.ids[rows.texts == index].tolist() == text
        assert rows.ids.flatten()[rows.last[index]] == text[-1]


def test_nobody_sees_a_neighbour_or_what_comes_later() -> None:
    rows = lay_in_rows(TEXTS)
    seen = rows.bars()[:, 0] == 0
    for row in range(2):
        for one, other in zip(*seen[row].nonzero(as_tuple=True), strict=True):
            assert other <= one
            assert rows.texts[row, one] == rows.texts[row, other]


def test_the_logits_are_those_of_each_text_alone(unmade: None) -> None:
    one = net()
    alone = torch.cat([one(*pad_right([text])) for text in TEXTS])
    torch.testing.assert_close(one(lay_in_rows(TEXTS)), alone, atol=1e-5, rtol=1e-4)


def test_under_autocast_products_are_in_16_bits(unmade: None) -> None:
    one, rows = net(), lay_in_rows(TEXTS)
    with torch.autocast("cpu", torch.bfloat16):
        near = one(rows)
    change = float((near - one(rows)).detach().abs().max())
    assert 0 < change < 0.1
