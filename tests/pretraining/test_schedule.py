"""The rate climbs, stays, and falls to nothing at the end, whether that is told in steps or in seconds."""

from dataclasses import replace

import pytest

from hatetinyllm.pretraining.schedule import Reached, Schedule

STEPS = Schedule(steps=100, budget_s=0, learning_rate=1.0, warmup_share=0.1, decay_share=0.4)
TIME = Schedule(steps=0, budget_s=100.0, learning_rate=1.0, warmup_share=0.1, decay_share=0.4)


def walked(schedule: Schedule, *, seconds: float, slower_from: int = 10**9) -> list[float]:
    """The rates of all steps, each so many seconds long, and three times as long from some step on."""
    place, rates = schedule.planned(Reached(step=0)), []
    while not place.steps or place.step < place.steps:
        rates.append(schedule.rate(place))
        took = seconds * (3 if place.step >= slower_from else 1)
        place = schedule.planned(replace(place, step=place.step + 1, seconds=place.seconds + took))
    return rates


def test_by_steps() -> None:
    rates = walked(STEPS, seconds=1)
    assert len(rates) == 100
    assert rates[0] < rates[5] < rates[10] == 1.0 == rates[60]
    assert rates[80] == pytest.approx(0.5)
    assert 0 < rates[99] < 0.03


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_by_time_it_ends_when_the_time_is_over(seconds: float) -> None:
    rates = walked(TIME, seconds=seconds)
    assert len(rates) * seconds == pytest.approx(100, abs=2 * seconds)
    assert max(rates) == 1.0
    assert rates[-1] < 0.1
    assert rates == sorted(rates[:20]) + sorted(rates[20:], reverse=True)


def test_a_machine_that_slows_down_while_the_rate_is_level_still_ends_well() -> None:
    rates = walked(TIME, seconds=1, slower_from=30)
    assert rates[-1] < 0.1
    assert len(rates) < 100


def test_steps_are_foreseen_as_the_clock_tells() -> None:
    assert TIME.expected(Reached(step=10, seconds=20.0)) == 50
    assert TIME.expected(Reached(step=0)) == 1
