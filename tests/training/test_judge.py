"""Rows are judged by the windows they have, long texts by the rule for windows; nothing grows with them but the answers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hatetinyllm.models.hub import load
from hatetinyllm.models.packed import packed
from hatetinyllm.models.readout import logits_of
from hatetinyllm.training.heads import answers_of
from hatetinyllm.training.judge import judge_beside, judge_rows, scored
from hatetinyllm.training.rows import Rows
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
TARGET = Head(name="target", labels=("muslims", "women"), many=True)
Checkpoint = Callable[[str], Path]


def net_of(checkpoint: Checkpoint, kind: str = "Llama", labels: int = 2) -> nn.Module:
    torch.manual_seed(0)
    return load(labels, id=str(checkpoint(kind))).net


def test_a_long_text_has_the_score_of_its_most_hateful_window(checkpoint: Checkpoint) -> None:
    windows = (((3, 4, 5), (6, 7, 8), (9, 10, 11)), ((4, 4),))
    examples = tuple(Example(text="made up", id=str(index), labels={"hate": ("hate",)}) for index in range(2))
    rows = Rows(examples=examples, windows=windows, truth=answers_of(examples, [HATE]), left_out=0, cut=1)
    net = net_of(checkpoint)
    truth, scores = scored(net, rows, [HATE])
    alone = torch.softmax(logits_of(net, windows[0]).double(), 1)[:, 1]
    assert truth.tolist() == [1, 1]
    assert scores[0] == pytest.approx(float(alone.max()), abs=1e-4)


def test_rows_that_do_not_answer_are_not_asked(checkpoint: Checkpoint, dev: Rows) -> None:
    silent = tuple(
        example if index % 4 else Example(text="a", id=example.id, labels={}) for index, example in enumerate(dev.examples)
    )
    rows = Rows(examples=silent, windows=dev.windows, truth=dev.truth, left_out=3, cut=0)
    result = judge_rows(net_of(checkpoint), rows, [HATE], name="dev")
    assert result.rows == 30
    assert result.left_out == 13


def test_packed_rows_have_the_scores_of_padded_ones(checkpoint: Checkpoint, dev: Rows) -> None:
    net = net_of(checkpoint)
    _, padded = scored(net, dev, [HATE])
    with packed(net) as layout:
        assert layout.attention
        _, found = scored(net, dev, [HATE], lay=layout.given)
    assert found == pytest.approx(padded, abs=1e-4)


def test_the_net_never_sees_more_than_a_batch_of_tokens() -> None:
    seen: list[int] = []

    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.part = nn.Parameter(torch.zeros(1))

        def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
            seen.append(ids.numel())
            return torch.stack([lengths, -lengths], 1).float()

    chance = np.random.default_rng(0)
    windows = [[1] * int(length) for length in chance.integers(1, 60, 500)]
    logits = logits_of(Counting(), windows, batch_tokens=256)
    assert max(seen) <= 256
    assert seen[0] > 200, "the longest come first: what does not fit is known at once"
    assert logits[:, 0].tolist() == [len(window) for window in windows]


def test_heads_beside_the_headline_are_judged_on_the_rows_that_answer_them(checkpoint: Checkpoint, dev: Rows) -> None:
    heads = [HATE, TARGET]
    silent = tuple(
        example if index % 4 else Example(text="a", id=example.id, labels={"hate": ("hate",)})
        for index, example in enumerate(dev.examples)
    )
    rows = Rows(examples=silent, windows=dev.windows, truth=answers_of(silent, heads), left_out=3, cut=0)
    net = net_of(checkpoint, labels=4)
    (result,) = judge_beside(net, rows, heads, name="dev")
    assert (result.name, result.head, result.rows, result.left_out) == ("dev, target", "target", 60, 13)
    known = [index for index in range(40) if index % 4]
    scores = torch.sigmoid(logits_of(net, [rows.windows[index][0] for index in known])[:, 2:].double())
    marks = torch.tensor(
        [["muslims" in silent[index].labels["target"], "women" in silent[index].labels["target"]] for index in known]
    )
    assert result.metrics["accuracy"] == pytest.approx(float(((scores >= 0.5) == marks).double().mean()), abs=0.02)
    assert judge_beside(net, rows, [HATE], name="dev") == ()
