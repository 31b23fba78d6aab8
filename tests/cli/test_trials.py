"""What a sweep looks like, in a log and at its end."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from hatetinyllm.cli.trials import Watch, end_in_words, in_words, show_swept
from hatetinyllm.studies.sweep import Began, Ended, Judging
from hatetinyllm.studies.swept import Swept
from hatetinyllm.studies.trial import Trial
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step

VALUES = {"tuning.name": "lora", "train.learning_rate": 0.00123456}
BEST = Trial(number=2, standing="done", values=VALUES, score=0.7, step=40, seconds=61)
TWIN = Trial(number=3, standing="done", values=VALUES, score=0.7, same_as=2)
FAILED = Trial(number=1, standing="failed", values={"tuning.name": "ia3"}, reason="the loss is nan at step 3 [sic]")
PRUNED = Trial(number=4, standing="pruned", values={"tuning.name": "ia3"}, score=0.9, seconds=7)


def step(number: int) -> Step:
    return Step(number=number, of=9, epoch=1, loss=0.5, learning_rate=0.1, texts_per_s=1.0, notes=("half as much at once",))


def watched(*, quiet: bool) -> str:
    console = Console(file=StringIO(), width=200)
    with Watch(console, metric="macro_f1", quiet=quiet) as watch:
        watch(Began(trial=FAILED, of=4))
        watch(Ended(trial=FAILED, of=4, best=None))
        watch(Began(trial=BEST, of=4))
        watch(Stage(name="building", detail="scratch"))
        watch(Stage(name="note", detail="a note [sic]"))
        watch(step(1))
        watch(Ended(trial=BEST, of=4, best=BEST))
        watch(Judging(best=BEST))
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_a_log_gets_a_line_for_each_trial_and_every_note() -> None:
    assert watched(quiet=False).splitlines() == [
        "trial 1 of 4: tuning.name=ia3",
        "trial 1 of 4: failed: the loss is nan at step 3 [sic]",
        "trial 2 of 4: tuning.name=lora, train.learning_rate=0.00123",
        "note      a note [sic]",
        "note      half as much at once",
        "trial 2 of 4: .700, 61 s",
        "trial 2 is the best: it is judged on the test part, once",
    ]
    assert watched(quiet=True) == ""


def test_now_and_then_a_log_gets_a_line_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatetinyllm.cli.trials.TOLD_EVERY_S", -1.0)
    assert "trial 2 of 4: step 1 of 9, loss 0.500" in watched(quiet=False)


def test_every_end_has_its_words() -> None:
    assert end_in_words(TWIN) == "the values of trial 2, whose .700 stands"
    assert end_in_words(PRUNED) == "pruned, it lagged behind at .900, 7 s"
    assert in_words({"tuning.layers": ["q_proj"], "train.epochs": 2}) == "tuning.layers=['q_proj'], train.epochs=2"


def test_what_is_done_stands_above_what_was_pruned_and_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    swept = Swept(
        folder=Path("sweep"),
        metric="macro_f1",
        trials=(FAILED, BEST, TWIN, PRUNED),
        best=BEST,
        importance={"train.learning_rate": 0.75, "tuning.name": 0.25},
        judgements=12,
        results=(),
        tested=(2,),
    )
    show_swept(swept)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["2", "3", "4", "1"]
    assert lines[1].rstrip().endswith("best")
    assert "as trial 2" in lines[2]
    assert any("train.learning_rate .75, tuning.name .25" in line for line in lines)
    assert any(line.startswith("mind") and "12 judgements" in line for line in lines)


def test_a_sweep_without_a_trial_that_was_done_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = Swept(
        folder=Path("sweep"), metric="auroc", trials=(FAILED,), best=None, importance={}, judgements=0, results=(), tested=()
    )
    show_swept(nothing)
    assert "no trial was done" in capsys.readouterr().out
