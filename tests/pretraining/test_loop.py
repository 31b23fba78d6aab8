"""The loop learns to foretell, resumes bit for bit, and works a batch the same in parts."""

import time
from pathlib import Path

import pytest
import torch

from hatetinyllm.errors import TrainingError
from hatetinyllm.models import grid, scratch
from hatetinyllm.models.language import Language, as_language
from hatetinyllm.pretraining.loop import learn, rows_of
from hatetinyllm.pretraining.schedule import Reached
from hatetinyllm.pretraining.stream import Stream, write_stream
from hatetinyllm.pretraining.vocabulary import learn_vocabulary
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.loop import Step

TEXTS = [
    f"the {thing} is {look} on {day}"
    for thing in ("sea", "sky", "hill")
    for look in ("blue", "grey")
    for day in ("monday", "friday")
]
OPTIONS = {
    "steps": 12,
    "row_tokens": 8,
    "batch_rows": 8,
    "learning_rate": 1e-2,
    "precision": "fp32",
    "made": False,
    "device": "cpu",
}


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    return write_stream(TEXTS * 6, learn_vocabulary(TEXTS, 300), tmp_path_factory.mktemp("text") / "stream")


def made(stream: Stream) -> Language:
    return as_language(scratch.load(1, layers=1, width=16, heads=2, max_tokens=32))


def run(language: Language, stream: Stream, folder: Path, *, stop_after: int = 0, **options: object) -> list[Step]:
    steps = []
    for step in learn(language, stream, stream, Checkpoints(folder, {"run": "this"}, kind=Reached), **{**OPTIONS, **options}):
        steps.append(step)
        if stop_after == len(steps):
            break
    return steps


def test_it_learns_to_foretell(stream: Stream, tmp_path: Path) -> None:
    steps = run(made(stream), stream, tmp_path, steps=80, judge_every=40)
    assert steps[-1].loss < 0.5 * steps[0].loss
    judged = [step.bits_per_byte for step in steps if step.bits_per_byte is not None]
    assert len(judged) == 2
    assert judged[1] < judged[0] < 8
    assert steps[-1].number == steps[-1].of == 80


@pytest.mark.parametrize("after", [1, 7])
def test_a_run_that_is_left_goes_on_bit_for_bit(after: int, stream: Stream, tmp_path: Path) -> None:
    whole, parted = made(stream), made(stream)
    run(whole, stream, tmp_path / "whole")
    run(parted, stream, tmp_path / "parted", stop_after=after)
    again = made(stream)
    steps = run(again, stream, tmp_path / "parted")
    assert steps[0].number == after + 1
    for mine, theirs in zip(whole.net.parameters(), again.net.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_parts_change_no_result(stream: Stream, tmp_path: Path) -> None:
    one, other = made(stream), made(stream)
    first, second = run(one, stream, tmp_path / "one", steps=3), run(other, stream, tmp_path / "other", steps=3, parts=3)
    assert [step.loss for step in first] == pytest.approx([step.loss for step in second], rel=1e-4)


def test_time_ends_a_run_too(stream: Stream, tmp_path: Path) -> None:
    steps = run(made(stream), stream, tmp_path, steps=0, budget_s=1)
    assert sum(step.seconds for step in steps) == pytest.approx(1, abs=0.5)
    assert steps[-1].learning_rate < 0.2 * max(step.learning_rate for step in steps)


def test_every_row_comes_once_an_epoch() -> None:
    seen = [row for step in range(5) for row in rows_of(step, 10, 4, seed=1)]
    assert sorted(seen[:10]) == list(range(10)) == sorted(seen[10:])
    assert seen[:10] != seen[10:]
    assert rows_of(0, 10, 4, seed=2) != seen[:4]


def test_a_loss_that_is_no_number_is_told(stream: Stream, tmp_path: Path) -> None:
    language = made(stream)
    with torch.no_grad():
        language.net.get_input_embeddings().weight.fill_(torch.nan)
    with pytest.raises(TrainingError, match="no number at step 1"):
        run(language, stream, tmp_path)


def test_too_little_text_is_told(tmp_path: Path) -> None:
    short = write_stream(["a day"], learn_vocabulary(TEXTS, 300), tmp_path / "stream")
    with pytest.raises(TrainingError, match="too few"):
        run(made(short), short, tmp_path / "run", row_tokens=30)


def test_making_code_takes_nothing_of_the_time(stream: Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []

    def slow_at_first(*given: object) -> torch.Tensor:
        called.append(1)
        if len(called) == 1:
            time.sleep(1.2)
        return grid.block(*given)

    monkeypatch.setattr(grid, "_made", lambda: slow_at_first)
    monkeypatch.setattr("hatetinyllm.pretraining.loop.require_compiler", lambda device: None)
    steps = run(made(stream), stream, tmp_path, steps=0, budget_s=1, made=True)
    assert len(steps) > 5
    assert steps[-1].learning_rate < 0.2 * max(step.learning_rate for step in steps)
    assert all(step.seconds < 1 for step in steps)
