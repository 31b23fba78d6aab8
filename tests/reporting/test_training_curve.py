"""The picture of a training is drawn from its log, whatever became of the run on the way."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.plain import to_json
from hatetinyllm.reporting.training_curve import Point, best_of, draw_curve, read_points, smoothed, training_curve


def line(number: int, loss: float | None = 0.5, f1: float | None = None, *, best: bool = False) -> str:
    dev = None if f1 is None else {"metrics": {"macro_f1": f1}}
    rate = 2e-4 * (1 - number / 1000)
    told = {"number": number, "epoch": 1 + number // 6, "loss": loss, "learning_rate": rate, "dev": dev, "best": best}
    return json.dumps(told) + "\n"


def written(folder: Path, *lines: str) -> Path:
    steps = folder / "steps.jsonl"
    steps.write_text("".join(lines), encoding="utf-8")
    return steps


def test_the_log_is_drawn_and_told_in_words(tmp_path: Path) -> None:
    steps = written(tmp_path, *(line(n, 1 / n, 0.5 + n / 100 if n % 5 == 0 else None, best=n in (5, 10)) for n in range(1, 13)))
    points = draw_curve(steps, tmp_path / "curve.svg")
    assert len(points) == 12
    svg = (tmp_path / "curve.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)
    said = root[1].text or ""
    assert "12 steps" in said
    assert "at its best .600, at step 10" in said
    for word in ("loss, smoothed", "loss of each step", "macro-F1 of dev, at its best .600 at step 10", "learning rate, in 1e-4"):
        assert f">{word}</text>" in svg, word
    assert "upright lines end an epoch" in svg
    assert "prefers-color-scheme: dark" in svg
    for forbidden in ("<script", "style=", "http://www.w3.org/1999", "var("):
        assert forbidden not in svg


def test_what_was_cut_or_told_twice_is_read_as_it_counts(tmp_path: Path) -> None:
    steps = written(tmp_path, line(1, 0.9), line(2, 0.8), line(2, 0.7), line(3, 0.6), line(4)[:20])
    assert [(point.number, point.loss) for point in read_points(steps)] == [(1, 0.9), (2, 0.7), (3, 0.6)]


def test_without_a_step_there_is_no_picture(tmp_path: Path) -> None:
    assert draw_curve(tmp_path / "steps.jsonl", tmp_path / "curve.svg") == ()
    assert not (tmp_path / "curve.svg").exists()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_step_or_two_can_be_drawn_and_so_can_a_rate_of_nothing(tmp_path: Path, count: int) -> None:
    points = [Point(number=n + 1, epoch=1, loss=0.0, learning_rate=0.0) for n in range(count)]
    assert ElementTree.fromstring(training_curve(points)).tag.endswith("svg")
    assert "upright lines" not in training_curve(points)


def test_ends_of_epochs_are_drawn_where_they_can_be_told_apart() -> None:
    for epochs, drawn in ((3, True), (40, False)):
        points = [Point(number=n + 1, epoch=1 + n * epochs // 400, loss=1, learning_rate=1) for n in range(400)]
        assert ("upright lines" in training_curve(points)) == drawn


def test_a_million_steps_are_a_picture_of_the_same_size() -> None:
    points = [Point(number=n + 1, epoch=1, loss=1 + n % 7, learning_rate=1e-4) for n in range(20_000)]
    assert len(training_curve(points)) < 60_000


def test_no_spike_is_lost_among_many_steps() -> None:
    losses = [0.5] * 2000 + [0.1] + [0.5] * 2000
    svg = training_curve([Point(number=n + 1, epoch=1, loss=loss, learning_rate=1e-4) for n, loss in enumerate(losses)])
    raw = svg.split('class="s0"')[-2].rpartition('d="M')[2].rpartition('"')[0]
    *others, lowest = sorted(float(y) for y in raw.split()[1::2])  # y goes down
    assert lowest > max(others) + 50


def test_the_best_is_the_one_that_was_kept() -> None:
    def point(number: int, f1: float | None, *, best: bool = False) -> Point:
        return Point(number=number, epoch=1, loss=1, learning_rate=1, macro_f1=f1, best=best)

    assert best_of([point(1, None)]) is None
    kept = point(3, 0.7, best=True)
    assert best_of([point(1, 0.6, best=True), point(2, None), kept, point(4, 0.7)]) is kept


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=200))
def test_smoothing_stays_between_the_ends_and_keeps_what_is_level(values: list[float]) -> None:
    means = smoothed(values)
    assert len(means) == len(values)
    assert min(values) - 1e-9 <= min(means)
    assert max(means) <= max(values) + 1e-9
    assert smoothed([values[0]] * len(values)) == pytest.approx([values[0]] * len(values))


def test_a_loss_that_is_no_number_leaves_its_step_out(tmp_path: Path) -> None:
    assert to_json(float("nan")) == "null"
    assert [point.number for point in read_points(written(tmp_path, line(1), line(2, None), line(3)))] == [1, 3]
