"""Progress is a bar with its figures on a screen, a line now and then in a log, and silence for a program."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from hatetinyllm.cli.progress import Watch
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step
from hatetinyllm.types import Result

DEV = Result(
    name="dev",
    head="hate",
    positive="hate",
    rows=0,
    prevalence=0.5,
    threshold=0.5,
    metrics={"macro_f1": 0.75, "auroc": None},
    confusion={},
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is, in seconds."""
    now = [1000.0]
    monkeypatch.setattr("hatetinyllm.cli.progress.time.monotonic", lambda: now[0])
    return now


def step(number: int, *, judged: bool = False, notes: tuple[str, ...] = ()) -> Step:
    return Step(
        number=number,
        of=400,
        epoch=1,
        loss=0.5,
        learning_rate=1e-3,
        texts_per_s=80.0,
        texts=8,
        tokens=200,
        seconds=0.1,
        flops=10**9,
        notes=notes,
        dev=DEV if judged else None,
        best=judged,
    )


def watched(events: Iterator[object], *, terminal: bool, quiet: bool = False, width: int = 80) -> str:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=width, no_color=True, highlight=False, soft_wrap=True)
    with Watch(console, quiet=quiet) as watch:
        for event in events:
            watch(event)
            if watch._live:
                watch._live.refresh()
    return written.getvalue()


def run(clock: list[float], *, steps: int = 100, each_s: float = 1.0, judge_every: int = 50) -> Iterator[object]:
    yield Stage(name="machine", detail="20 GFLOP/s", limit=2e10)
    yield Stage(name="training", detail="3 texts")
    for number in range(1, steps + 1):
        clock[0] += each_s
        yield step(number, judged=number % judge_every == 0, notes=("[odd] but so",) if number == 7 else ())


def test_a_log_gets_a_line_now_and_then_and_one_at_each_judgement(clock: list[float]) -> None:
    lines = watched(run(clock), terminal=False).splitlines()
    assert lines == [
        "machine   20 GFLOP/s",
        "training  3 texts",
        "note      [odd] but so",
        "          step 11 of 400, epoch 1: loss 0.500, rate 1.0e-3, 80 texts/s, 2,000 tokens/s, 50% of the limit, 6 min left",
        "          step 41 of 400, epoch 1: loss 0.500, rate 1.0e-3, 80 texts/s, 2,000 tokens/s, 50% of the limit, 6 min left",
        "          step 50 of 400, epoch 1: loss 0.500, rate 1.0e-3, 80 texts/s, 2,000 tokens/s, 50% of the limit, 6 min left;"
        " dev macro-F1 0.750, AUROC –, the best so far",
        "          step 80 of 400, epoch 1: loss 0.500, rate 1.0e-3, 80 texts/s, 2,000 tokens/s, 50% of the limit, 5 min left",
        "          step 100 of 400, epoch 1: loss 0.500, rate 1.0e-3, 80 texts/s, 2,000 tokens/s, 50% of the limit, 5 min left;"
        " dev macro-F1 0.750, AUROC –, the best so far",
    ]


def test_a_log_of_a_day_stays_readable(clock: list[float]) -> None:
    assert len(watched(run(clock, steps=6000, each_s=0.5, judge_every=10_000), terminal=False).splitlines()) < 110


def test_a_screen_gets_a_bar_that_fits_it(clock: list[float]) -> None:
    shown = watched(run(clock, steps=20), terminal=True)
    for word in ("epoch 1", "20/400", "6 min left", "loss 0.500", "2,000 tokens/s", "50% of the limit", "[odd] but so"):
        assert word in shown, word
    drawn = [line for line in shown.replace("\r", "\n").splitlines() if "/400" in line]
    assert drawn
    assert all(len(line.partition("left")[0]) <= 76 for line in drawn)
    assert "step 11 of 400" not in shown


def test_a_screen_too_narrow_for_the_figures_cuts_them(clock: list[float]) -> None:
    shown = watched(run(clock, steps=2), terminal=True, width=40)
    assert "tokens/s" not in shown
    assert "…" in shown


def test_a_judgement_stays_on_the_screen(clock: list[float]) -> None:
    assert "step 50 of 400: loss 0.500; dev macro-F1 0.750, AUROC –, the best so far" in watched(run(clock), terminal=True)


def test_whatever_is_counted_has_a_bar_on_a_screen_alone() -> None:
    for terminal in (True, False):
        written = io.StringIO()
        console = Console(file=written, force_terminal=terminal, width=100, no_color=True, highlight=False)
        with Watch(console, quiet=False) as watch:
            watch.count(1, 3, "plain, given", texts_per_s=1234.5)
            watch.count(2, 3, "plain, given", texts_per_s=1234.5)
        for word in ("plain, given", "2/3", "texts/s"):
            assert (word in written.getvalue()) == terminal, word


def test_a_program_gets_nothing(clock: list[float]) -> None:
    assert watched(run(clock), terminal=True, quiet=True) == ""
