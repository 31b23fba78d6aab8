"""`train --dry-run` tells people and programs what would be, and leaves nothing behind."""

from pathlib import Path

import pytest

TINY = [
    "text.max_tokens=32", "text.overlap_tokens=8", "model.layers=1", "model.width=16", "model.heads=2",
    "tuning.rank=2", "train.device=cpu", "train.threads=1",
]  # fmt: skip


@pytest.fixture
def recipe(call, tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    call("init", path)
    return path


def settings(*more: str) -> list[str]:
    return [part for setting in [*TINY, *more] for part in ("--set", setting)]


def test_a_plan_is_told_and_nothing_is_written(call, recipe: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = call("train", recipe, "--dry-run", *settings())
    assert (answer.code, answer.err) == (0, "")
    for word in (
        "What would learn",
        "Memory, with",
        "Time on this machine",
        "it fits",
        "measured",
        "assumed",
        "in 1 of 1 blocks",
    ):
        assert word in answer.out or word == "in 1 of 1 blocks", word
    assert list(tmp_path.iterdir()) == [recipe]


def test_what_is_new_in_a_recipe_is_told(call, recipe: Path) -> None:
    asked = ("model.layers=2", "train.frozen_blocks=1", "train.batch_tokens=256", "train.recompute=true")
    told = call("train", recipe, "--dry-run", *settings(*asked)).out
    for word in ("tokens, packed, fp32, worked out again", "about", "tokens on average", "before block 1", "read in every epoch"):
        assert word in told, word
    plain = call("train", recipe, "--dry-run", *settings("train.layout='padded'")).out
    assert "tokens, padded, fp32" in plain
    assert "about" not in plain
    assert "Disk" not in plain


def test_programs_get_every_figure(call, recipe: Path) -> None:
    told = call("train", recipe, "--dry-run", "--json", *settings()).json
    counts, memory, duration = told["counts"], told["memory"], told["duration"]
    assert counts["total"] == counts["adapter"] + counts["readout"] + counts["decoder"]
    assert counts["share"] == pytest.approx(counts["total"] / counts["net"])
    held = max(memory["gradients"] + memory["activations"], memory["judging"])
    assert memory["peak"] == memory["program"] + memory["weights"] + memory["optimiser"] + held
    assert memory["fits"] is True
    assert duration["total_s"] > duration["step_s"] > 0
    assert told["before"] == ""


def test_the_papers_numbers_come_from_one_command(call, tmp_path: Path) -> None:
    path = tmp_path / "paper.toml"
    call("init", path, "--preset", "paper-lora", "--model", "opt-1.3b", "--data", "hateval")
    short = ["--set", "text.max_tokens=33", "--set", "train.device=cpu", "--set", "data.language=es"]
    answer = call("train", path, "--dry-run", *short)
    for word in ("397,312", "0.0302 %", "0.0299 %", "in 24 of 24 blocks", "hatetinyllm data accept hateval"):
        assert word in answer.out, word


def test_weights_that_training_would_refuse_are_told(call, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "recipe.toml"
    call("init", path, "--preset", "paper-lora", "--model", "opt-125m", "--data", "demo")
    short = ["--set", "text.max_tokens=33", "--set", "train.device=cpu"]
    told = call("train", path, "--dry-run", "--json", *short).json["before"]
    assert told.startswith("opt-125m has only pickled weights: --set model.pickled=true")
    assert call("train", path, "--dry-run", "--json", *short, "--set", "model.pickled=true").json["before"] == ""
    monkeypatch.setattr("hatetinyllm.training.material.load_dataset", lambda *given, **options: pytest.fail("data was read"))
    answer = call("train", path, "--out", tmp_path / "run", *short)
    assert answer.code == 2
    assert "opt-125m has only pickled weights: --set model.pickled=true" in answer.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("available", "said"),
    [
        (9_000, "10.0 MB of 9.0 MB: it does NOT fit"),
        (10_500, "10.0 MB of 10.5 MB: it fits, barely: 0.5 MB would be left"),
        (12_000, "10.0 MB of 12.0 MB: it fits"),
        (0, "10.0 MB: what there is, nobody says"),
    ],
)
def test_memory_that_is_nearly_all_is_told(available: int, said: str) -> None:
    from hatetinyllm.cli.plan import _memory
    from hatetinyllm.training.memory import Memory

    parts = {"program": 6, "weights": 1, "optimiser": 1, "gradients": 1, "activations": 1, "judging": 1}
    told = _memory(Memory(**{name: part * 10**6 for name, part in parts.items()}, available=available * 1000))
    assert told["in all"] == said


def test_a_wrong_recipe_is_told_as_ever(call, recipe: Path) -> None:
    answer = call("train", recipe, "--dry-run", *settings("tuning.rnk=3", "train.epochs=0"))
    assert answer.code == 2
    assert answer.err.count("\n  - ") == 2


def test_rows_nobody_knows_are_told(call, recipe: Path, tmp_path: Path) -> None:
    recipe.write_text(
        recipe.read_text(encoding="utf-8").replace('"demo"', '"table"', 1).replace("seed = 7 ", "# seed", 1), encoding="utf-8"
    )
    answer = call("train", recipe, "--dry-run", *settings(f"data.path='{tmp_path / 'gone.csv'}'"))
    assert answer.code == 0
    assert "nobody knows how many rows there are" in answer.out


def test_a_run_that_goes_on_is_not_planned(call) -> None:
    assert call("train", "--resume", "a", "--dry-run").code == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.01, "10.0 ms"), (5, "5.0 s"), (119, "119.0 s"), (600, "10.0 min"), (9000, "2.5 h"), (300_000, "3.5 days")],
)
def test_time_is_told_in_the_unit_people_would_use(seconds: float, said: str) -> None:
    from hatetinyllm.cli.plan import _span

    assert _span(seconds) == said
