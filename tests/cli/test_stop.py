"""A signal ends training at the end of a step, and anything else at once."""

import signal

import pytest

from hatetinyllm.cli.stop import Stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_step_is_finished_first(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Stop() as stop:
        stop.step_done(training=True)
        signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            stop.step_done(training=True)
    assert signal.getsignal(number) is before


def test_elsewhere_it_ends_at_once_and_so_it_does_when_asked_twice() -> None:
    with Stop() as stop:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        stop.step_done(training=True)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
