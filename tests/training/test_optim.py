"""Learning rates, decay and losses."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from hatetinyllm.training.heads import answers_of, balanced_weights
from hatetinyllm.training.optim import loss_of, make_optimiser, rate_at, whole_weights
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
TARGET = Head(name="target", labels=("women", "muslims"), many=True)
EXAMPLES = [
    Example(text="a", id="1", labels={"hate": ("hate",), "target": ("women",)}),
    Example(text="b", id="2", labels={"hate": ("not_hate",), "target": ()}),
    Example(text="c", id="3", labels={"hate": ("not_hate",)}),
    Example(text="d", id="4", labels={"target": ("women", "muslims")}),
]


def test_the_rate_climbs_and_falls_in_lines() -> None:
    rates = [rate_at(step, 100, learning_rate=1.0, warmup_share=0.1) for step in range(100)]
    assert rates[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert max(rates) == rates[9] == rates[10] == 1.0
    assert rates[-1] == pytest.approx(1 / 90)
    assert rate_at(0, 10, learning_rate=1.0, warmup_share=0.0) == 1.0


def test_vectors_do_not_decay() -> None:
    matrix, vector = (torch.nn.Parameter(torch.ones(shape)) for shape in ((2, 2), (2,)))
    groups = make_optimiser({"m": matrix, "v": vector}, learning_rate=1.0, weight_decay=0.5).param_groups
    assert [(group["weight_decay"], len(group["params"])) for group in groups] == [(0.5, 1), (0.0, 1)]


def test_label_weights_are_scikit_learns() -> None:
    weights = balanced_weights(answers_of(EXAMPLES, [HATE, TARGET]), [HATE, TARGET])
    expected = compute_class_weight("balanced", classes=np.array([0, 1]), y=[1, 0, 0])
    assert weights[0] is not None
    assert weights[0].tolist() == pytest.approx(expected.tolist())
    assert weights[1] is None


def test_the_loss_is_the_mean_over_the_rows_that_answer() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0, -1.0]] * 4)
    heads = [HATE, TARGET]
    truth = answers_of(EXAMPLES, heads).of(range(4))
    found = loss_of(logits, truth, heads, (None, None), whole_weights(truth, heads, (None, None)))
    hate = torch.nn.functional.cross_entropy(logits[:3, :2], torch.tensor([1, 0, 0]))
    marks = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    target = torch.nn.functional.binary_cross_entropy_with_logits(logits[:3, 2:], marks)
    assert found == pytest.approx(hate + target)


def test_weighted_loss_is_torchs_weighted_mean() -> None:
    heads, weight = [HATE], torch.tensor([1.0, 3.0])
    truth = answers_of(EXAMPLES[:3], heads).of(range(3))
    logits = torch.tensor([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]])
    found = loss_of(logits, truth, heads, [weight], whole_weights(truth, heads, [weight]))
    assert found == pytest.approx(torch.nn.functional.cross_entropy(logits, torch.tensor([1, 0, 0]), weight=weight))


def test_a_batch_that_answers_nothing_has_no_loss() -> None:
    truth = answers_of(EXAMPLES[3:], [HATE]).of([0])
    assert loss_of(torch.zeros(1, 2), truth, [HATE], [None], whole_weights(truth, [HATE], [None])) == 0
