"""Speed and loss are of the latest steps, the time that is left of all of them."""

import pytest

from hatetinyllm.cli.pace import LATELY, Pace
from hatetinyllm.training.loop import Step


def step(number: int, *, seconds: float = 0.5, loss: float = 1.0) -> Step:
    return Step(
        number=number,
        of=100,
        epoch=1,
        loss=loss,
        learning_rate=1.94e-4,
        texts_per_s=8 / seconds,
        texts=8,
        tokens=240,
        seconds=seconds,
        flops=10**9,
    )


def test_the_figures_of_a_steady_run() -> None:
    pace = Pace(limit=4e9)
    assert pace(step(1), 10.0).left_s is None
    figures = pace(step(2), 11.0)  # half of the time went into saving
    assert figures.left_s == pytest.approx(98)
    assert figures.share == pytest.approx(0.5)
    assert figures.in_words() == "loss 1.000, rate 1.9e-4, 16 texts/s, 480 tokens/s, 50% of the limit"
    assert figures.left_in_words() == "2 min left"


def test_a_machine_that_was_not_measured_has_no_share() -> None:
    figures = Pace()(step(1), 0.0)
    assert figures.share is None
    assert figures.in_words().endswith("tokens/s")
    assert figures.left_in_words() == ""


def test_what_is_long_past_counts_for_the_time_alone() -> None:
    pace = Pace()
    for number in range(1, LATELY + 1):
        pace(step(number, seconds=0.1, loss=9.0), float(number))
    for number in range(LATELY + 1, 2 * LATELY + 1):
        figures = pace(step(number, seconds=0.2), float(number))
    assert figures.loss == pytest.approx(1)
    assert figures.texts_per_s == pytest.approx(40)
    assert figures.left_s == pytest.approx(0)


def test_long_steps_leave_fewer_to_count() -> None:
    pace = Pace()
    for number in range(1, 9):
        figures = pace(step(number, seconds=30.0, loss=float(number)), 30.0 * number)
    assert figures.loss == 8.0


def test_a_run_gone_on_with_is_timed_from_where_it_went_on() -> None:
    pace = Pace()
    pace(step(90), 500.0)
    assert pace(step(91), 502.0).left_s == pytest.approx(18)
