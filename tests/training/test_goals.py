"""The loss is what its formula says, written here once more by hand, and adds up over parts."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from hatetinyllm.training.goals import Goals, Taught, goals_of, loss_of
from hatetinyllm.training.heads import answers_of, balanced_weights
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
KIND = Head(name="type", labels=("threat", "slur", "other"))
TARGET = Head(name="target", labels=("women", "muslims"), many=True)
HEADS = [HATE, TARGET, KIND]
EXAMPLES = [
    Example(text="a", id="1", labels={"hate": ("hate",), "target": ("women",), "type": ("slur",)}),
    Example(text="b", id="2", labels={"hate": ("not_hate",), "target": ()}),
    Example(text="c", id="3", labels={"hate": ("not_hate",), "type": ("other",)}),
    Example(text="d", id="4", labels={"target": ("women", "muslims"), "type": ("other",)}),
]
ROWS = range(len(EXAMPLES))


def made(heads: Sequence[Head], **options: object) -> Goals:
    return goals_of(answers_of(EXAMPLES, heads), heads, **options)  # type: ignore[arg-type]


def loss(
    logits: torch.Tensor, heads: Sequence[Head], *, rows: Sequence[int] = ROWS, focal: float = 0.0, **options: object
) -> float:
    return float(loss_of(logits, made(heads, **options).of(rows, rows), heads, focal=focal))


def test_label_weights_are_scikit_learns() -> None:
    hate, target, _ = balanced_weights(answers_of(EXAMPLES, HEADS), HEADS)
    assert hate.tolist() == pytest.approx(compute_class_weight("balanced", classes=np.array([0, 1]), y=[1, 0, 0]).tolist())
    women, muslims = (compute_class_weight("balanced", classes=np.array([0, 1]), y=marks) for marks in ([1, 0, 1], [0, 0, 1]))
    assert target.tolist() == pytest.approx([women[0], muslims[0], women[1], muslims[1]])


def test_the_loss_is_the_mean_over_the_rows_that_answer() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0, -1.0]] * 4)
    hate = cross_entropy(logits[:3, :2], torch.tensor([1, 0, 0]))
    marks = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    target = binary_cross_entropy_with_logits(logits[:3, 2:], marks)
    assert loss(logits, [HATE, TARGET]) == pytest.approx(float(hate + target))


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_one_label_of_some_is_torchs_cross_entropy(balanced: bool, smoothing: float) -> None:
    torch.manual_seed(0)
    logits, truth = torch.randn(4, 3), torch.tensor([1, -1, 2, 2])
    weight = balanced_weights(answers_of(EXAMPLES, [KIND]), [KIND])[0] if balanced else None
    expected = cross_entropy(logits, truth, weight=weight, ignore_index=-1, label_smoothing=smoothing)
    assert loss(logits, [KIND], balanced=balanced, smoothing=smoothing) == pytest.approx(float(expected))


def by_hand(logits: torch.Tensor, *, focal: float, smoothing: float, balanced: bool) -> float:
    """The loss of TARGET and of KIND, outcome by outcome."""
    total = 0.0
    weight = balanced_weights(answers_of(EXAMPLES, [TARGET, KIND]), [TARGET, KIND])
    lost = mass = 0.0
    for row in (0, 1, 3):
        for label, name in enumerate(TARGET.labels):
            yes = 1 / (1 + math.exp(-float(logits[row, label])))
            holds = name in EXAMPLES[row].labels["target"]
            for outcome, p in ((False, 1 - yes), (True, yes)):
                own = float(weight[0][label + 2 * outcome]) if balanced else 1.0
                share = (1 - smoothing) * (outcome == holds) + smoothing / 2
                lost -= own * share * (1 - p) ** focal * math.log(p)
                mass += own * (outcome == holds)
    total += lost / mass
    lost = mass = 0.0
    for row, answer in ((0, 1), (2, 2), (3, 2)):
        powers = [math.exp(float(logit)) for logit in logits[row, 2:]]
        for outcome in range(3):
            p = powers[outcome] / sum(powers)
            own = float(weight[1][outcome]) if balanced else 1.0
            share = (1 - smoothing) * (outcome == answer) + smoothing / 3
            lost -= own * share * (1 - p) ** focal * math.log(p)
            mass += own * (outcome == answer)
    return total + lost / mass


@pytest.mark.parametrize("balanced", [False, True])
@given(focal=st.floats(0, 4), smoothing=st.floats(0, 1), seed=st.integers(0, 99))
def test_the_loss_is_what_its_formula_says(balanced: bool, focal: float, smoothing: float, seed: int) -> None:
    logits = 3 * torch.randn(4, 5, generator=torch.Generator().manual_seed(seed))
    found = loss(logits, [TARGET, KIND], focal=focal, smoothing=smoothing, balanced=balanced)
    assert found == pytest.approx(by_hand(logits, focal=focal, smoothing=smoothing, balanced=balanced), rel=1e-4, abs=1e-6)


@given(cut=st.integers(0, 4), focal=st.floats(0, 3), smoothing=st.floats(0, 1))
def test_parts_of_a_batch_add_up_to_its_loss(cut: int, focal: float, smoothing: float) -> None:
    logits = torch.randn(4, 7, generator=torch.Generator().manual_seed(0))
    goals, rows = made(HEADS, balanced=True, smoothing=smoothing), [2, 0, 3, 1]
    whole = loss_of(logits[rows], goals.of(rows, rows), HEADS, focal=focal)
    parts = [loss_of(logits[part], goals.of(part, rows), HEADS, focal=focal) for part in (rows[:cut], rows[cut:]) if part]
    assert float(sum(parts)) == pytest.approx(float(whole), rel=1e-5)


def test_a_batch_that_answers_nothing_has_no_loss() -> None:
    assert loss(torch.zeros(1, 2), [HATE], rows=[3]) == 0


@pytest.mark.parametrize("focal", [0.5, 2.0])
def test_a_sure_net_has_a_slope_that_is_a_number(focal: float) -> None:
    logits = torch.tensor([[-200.0, 200.0], [0.0, 0.0], [200.0, -200.0], [0.0, 0.0]], requires_grad=True)
    loss_of(logits, made([HATE]).of(ROWS, ROWS), [HATE], focal=focal).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("weight", [0.0, 0.25, 2.0])
def test_the_other_heads_weigh_what_they_are_given(weight: float) -> None:
    torch.manual_seed(3)
    logits = torch.randn(4, 7)
    alone, others = loss(logits[:, :2], [HATE]), loss(logits[:, 2:], [TARGET, KIND])
    assert loss(logits, HEADS, beside_weight=weight) == pytest.approx(alone + weight * others, rel=1e-5)


SAID = (0.9, 0.4, math.nan, 0.7)  # by a teacher, of hate; the third row is not named, and the fourth has no answer of its own


@pytest.mark.parametrize("positive", ["hate", "not_hate"])
@pytest.mark.parametrize("balanced", [False, True])
@given(weight=st.floats(0, 1), smoothing=st.floats(0, 1), focal=st.floats(0, 3), seed=st.integers(0, 99))
def test_a_teacher_takes_a_share_of_the_headlines_own_answers(
    positive: str, balanced: bool, weight: float, smoothing: float, focal: float, seed: int
) -> None:
    head = Head(name="hate", labels=HATE.labels, positive=positive)
    logits = torch.randn(4, 2, generator=torch.Generator().manual_seed(seed))
    logs = torch.log_softmax(logits, dim=1).tolist()
    own = balanced_weights(answers_of(EXAMPLES, [head]), [head])[0].tolist() if balanced else [1.0, 1.0]
    lost = mass = 0.0
    for row, answer in enumerate((1, 0, 0, None)):
        said = SAID[row] if positive == "hate" else 1 - SAID[row]  # of the label `hate`
        shares = [0.0, 0.0] if answer is None else [(1 - smoothing) * (label == answer) + smoothing / 2 for label in (0, 1)]
        if not math.isnan(said):
            shares = [(1 - weight) * share + weight * p for share, p in zip(shares, (1 - said, said), strict=True)]
        lost -= sum(own[label] * shares[label] * (1 - math.exp(logs[row][label])) ** focal * logs[row][label] for label in (0, 1))
        mass += own[answer] if answer is not None else sum(own[label] * shares[label] for label in (0, 1))
    taught = Taught(scores=torch.tensor(SAID), weight=weight)
    found = loss(logits, [head], focal=focal, balanced=balanced, smoothing=smoothing, taught=taught)
    assert found == pytest.approx(lost / mass, rel=1e-4, abs=1e-6)


def test_a_teacher_speaks_of_the_headline_alone_and_without_weight_of_nothing() -> None:
    plain, options = made(HEADS, balanced=True), {"balanced": True}
    full = made(HEADS, **options, taught=Taught(scores=torch.tensor(SAID), weight=1.0))
    assert torch.equal(full.wanted[:, 2:], plain.wanted[:, 2:])
    assert torch.equal(full.mass[:, 2:], plain.mass[:, 2:])
    assert torch.equal(full.wanted[2], plain.wanted[2])
    assert not torch.equal(full.wanted[:2, :2], plain.wanted[:2, :2])
    none = made(HEADS, **options, taught=Taught(scores=torch.tensor(SAID), weight=0.0))
    assert torch.equal(none.wanted, plain.wanted)
    assert torch.equal(none.mass, plain.mass)


def test_parts_of_a_taught_batch_add_up_to_its_loss() -> None:
    logits = torch.randn(4, 7, generator=torch.Generator().manual_seed(0))
    goals, rows = made(HEADS, taught=Taught(scores=torch.tensor(SAID), weight=0.3)), [2, 0, 3, 1]
    whole = loss_of(logits[rows], goals.of(rows, rows), HEADS)
    parts = [loss_of(logits[part], goals.of(part, rows), HEADS) for part in (rows[:1], rows[1:])]
    assert float(sum(parts)) == pytest.approx(float(whole), rel=1e-5)
