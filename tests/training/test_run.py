"""A run folder has one writer, and is never overwritten unasked."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatetinyllm.errors import RunLocked, TrainingError
from hatetinyllm.training.loop import Step
from hatetinyllm.training.run import keep_recipe, log_steps, open_run, write_note

HOLD = """
import sys, time
from pathlib import Path
from hatetinyllm.training.run import open_run
with open_run(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_kept_out_until_the_first_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunLocked, match="another process is writing"), open_run(tmp_path):
            pass
        holder.kill()
    with open_run(tmp_path):
        pass


def test_a_run_is_not_overwritten_unasked(tmp_path: Path) -> None:
    with open_run(tmp_path) as run:
        for path in (run.recipe, run.rejected):
            path.write_text("", encoding="utf-8")
        run.bundle.mkdir()
        (run.bundle / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TrainingError, match="holds a run already"), open_run(tmp_path):
        pass
    with open_run(tmp_path, resume=True) as run:
        assert run.bundle.exists()
    with open_run(tmp_path, overwrite=True) as run:
        assert not run.bundle.exists()
        assert not run.recipe.exists()


@pytest.mark.parametrize("name", ["thesis.txt", "checkpoints/epoch1.ckpt", "bundle/app.js", "recipe.toml"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_what_is_not_a_runs_is_never_touched(tmp_path: Path, name: str, overwrite: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"no run's|holds a run already"), open_run(tmp_path, overwrite=overwrite):
        pass
    assert path.read_text(encoding="utf-8") == "mine"


def test_there_must_be_a_run_to_resume(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no run to resume"), open_run(tmp_path / "none", resume=True):
        pass
    assert not (tmp_path / "none").exists()


def step(number: int) -> Step:
    return Step(number=number, of=9, epoch=1, loss=0.5, learning_rate=1e-3, texts_per_s=1.0)


def numbers(log: Path) -> list[int]:
    return [json.loads(line)["number"] for line in log.read_text(encoding="utf-8").splitlines()]


def test_the_log_is_cut_back_to_the_checkpoint(tmp_path: Path) -> None:
    with open_run(tmp_path) as run:
        assert len(list(log_steps(run, map(step, (1, 2, 3, 4)), after=0))) == 4
        with run.steps.open("a", encoding="utf-8") as stream:
            stream.write('{"numb')
        assert len(list(log_steps(run, map(step, (3, 4, 5)), after=2))) == 3
        assert numbers(run.steps) == [1, 2, 3, 4, 5]
        with run.steps.open("a", encoding="utf-8") as stream:
            stream.write('{"number": 6, "of')
        assert list(log_steps(run, [], after=5)) == []
        assert numbers(run.steps) == [1, 2, 3, 4, 5]


def test_of_several_processes_only_the_first_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_run(tmp_path) as first:
        monkeypatch.setenv("RANK", "1")
        monkeypatch.setenv("WORLD_SIZE", "2")
        with open_run(tmp_path) as second:
            write_note(second, second.recipe, "not written")
            assert len(list(log_steps(second, map(step, (1, 2)), after=0))) == 2
            assert not second.recipe.exists()
            assert not second.steps.exists()
        write_note(first, first.recipe, "written")
        assert first.recipe.read_text(encoding="utf-8") == "written"


def test_a_run_is_gone_on_with_by_its_own_recipe_only(tmp_path: Path) -> None:
    with open_run(tmp_path) as run:
        keep_recipe(run, "[train]\nepochs = 3\nseed = 1\n")
        keep_recipe(run, "[train]\nepochs = 3\nseed = 1\n")
        with pytest.raises(TrainingError, match="another recipe") as caught:
            keep_recipe(run, "[train]\nepochs = 4\nseed = 1\n")
        assert caught.value.problems == ("train.epochs was 3, is 4",)
        assert "epochs = 3" in run.recipe.read_text(encoding="utf-8")


def fail(folder: Path, error: type[BaseException], **kept: str) -> None:
    """A run that wrote its first two notes, perhaps more, and failed."""
    with open_run(folder) as run:
        keep_recipe(run, "seed = 1\n")
        write_note(run, run.rejected, "")
        for name, text in kept.items():
            (folder / name).write_text(text, encoding="utf-8")
        raise error("failed")


def test_a_run_that_failed_at_once_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="failed"):
        fail(tmp_path / "runs" / "mine", ValueError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", ["steps.jsonl", "rejected.jsonl", "thesis.txt"])
def test_what_is_worth_keeping_outlives_a_failure(tmp_path: Path, kept: str) -> None:
    with pytest.raises(ValueError, match="failed"):
        fail(tmp_path / "mine", ValueError, **{kept: "something\n"})
    assert (tmp_path / "mine" / kept).read_text(encoding="utf-8") == "something\n"


def test_a_folder_that_was_there_stays_as_does_a_run_that_was_stopped(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="failed"):
        fail(tmp_path, ValueError)
    with pytest.raises(KeyboardInterrupt):
        fail(tmp_path / "stopped", KeyboardInterrupt)  # it can be gone on with
    assert [(folder / "recipe.toml").is_file() for folder in (tmp_path, tmp_path / "stopped")] == [True, True]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no file that is always full")
def test_a_log_that_cannot_be_written_tells_of_the_full_disk(tmp_path: Path) -> None:
    with open_run(tmp_path) as run:
        (run.checkpoints / "step-00000003").mkdir(parents=True)
        steps = log_steps(run, map(step, (1, 2)), after=0)
        run.steps.symlink_to("/dev/full")
        with pytest.raises(TrainingError, match=r"no space is left on the disk: the log of steps") as caught:
            next(steps)
    assert caught.value.problems[0] == "kept: step-00000003"


def test_an_error_of_closing_what_gives_the_steps_is_an_error(tmp_path: Path) -> None:
    def steps() -> Iterator[Step]:
        try:
            yield step(1)
        finally:
            raise TrainingError("cannot be saved")

    with open_run(tmp_path) as run:
        logged = log_steps(run, steps(), after=0)
        next(logged)
        with pytest.raises(TrainingError, match="cannot be saved"):
            logged.close()
