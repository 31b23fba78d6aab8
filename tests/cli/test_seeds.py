"""Several seeds by one word, as a table for people and as JSON for programs."""

from pathlib import Path

import pytest

from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step

TINY = [
    "text.max_tokens=32", "text.overlap_tokens=8", "model.layers=1", "model.width=16", "model.heads=2", "model.max_tokens=32",
    "tuning.rank=2", "train.epochs=1", "train.batch_size=256", "train.learning_rate=1e-2", "train.device=cpu",
]  # fmt: skip


@pytest.fixture
def recipe(call, tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    call("init", path)
    return path


def settings(*more: str) -> list[str]:
    return [part for setting in [*TINY, *more] for part in ("--set", setting)]


def test_seeds_are_stopped_gone_on_with_and_shown(call, recipe: Path, tmp_path: Path, monkeypatch) -> None:
    seen: list[str] = []

    def interrupt(self, event: object) -> None:
        if isinstance(event, Stage):
            seen.append(event.name)
        if isinstance(event, Step) and seen.count("seed") == 2 and event.number == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hatetinyllm.cli.progress.Watch.__call__", interrupt)
        stopped = call("train", recipe, "--out", tmp_path / "run", *settings(), "--seeds", 2)
    assert stopped.code == 130
    assert f"--resume {tmp_path / 'run'}" in stopped.err
    refused = call("train", "--resume", tmp_path / "run", "--seeds", 2)
    assert refused.code == 2
    assert "--resume takes no --seeds" in refused.err
    resumed = call("train", "--resume", tmp_path / "run")
    assert resumed.code == 0
    assert "is done already" in resumed.err
    heading, *lines = resumed.out.splitlines()
    for word in ("seed", "dev macro-F1", "test macro-F1", "test F1 hate", "dev AUROC"):
        assert word in heading, word
    assert [line.split()[0] for line in lines[:3]] == ["42", "43", "all"]
    assert lines[2].count("±") == 6
    assert (tmp_path / "run" / "seed-43" / "curve.svg").is_file()
    told = call("train", "--resume", tmp_path / "run", "--json")
    assert [one["seed"] for one in told.json["seeds"]] == [42, 43]
    mean = told.json["spread"]["test"]["macro_f1"]["mean"]
    assert f"{mean:.3f}" in lines[2]


def test_one_seed_is_no_number_of_seeds(call, recipe: Path, tmp_path: Path) -> None:
    assert call("train", recipe, "--out", tmp_path / "run", *settings(), "--seeds", 1).code == 2
    assert not (tmp_path / "run").exists()


def test_a_dry_run_says_what_it_is_of(call, recipe: Path) -> None:
    answer = call("train", recipe, *settings(), "--seeds", 3, "--dry-run")
    assert answer.code == 0
    assert "3 train 3 times as long" in answer.err
