"""`train` follows a recipe, tells every mistake at once, and goes on where it stopped."""

import tomllib
from pathlib import Path

import pytest

from hatetinyllm.training.loop import Step

TINY = [
    "text.max_tokens=32", "text.overlap_tokens=8", "model.layers=1", "model.width=16", "model.heads=2", "model.max_tokens=32",
    "tuning.rank=2", "train.epochs=1", "train.batch_size=128", "train.learning_rate=1e-2", "train.device=cpu",
]  # fmt: skip


@pytest.fixture
def recipe(call, tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    call("init", path)
    return path


def settings(*more: str) -> list[str]:
    return [part for setting in [*TINY, *more] for part in ("--set", setting)]


def test_a_recipe_is_followed_and_the_result_shown(call, recipe: Path, tmp_path: Path) -> None:
    answer = call("train", recipe, "--out", tmp_path / "run", *settings(), "--baseline")
    assert answer.code == 0
    for word in ("loss, smoothed", "judged on", "TF-IDF baseline", "are hate", "bundle", "try it"):
        assert word in answer.out, word
    for word in ("reading", "machine", "training", "judging", "saving", "macro-F1", "of the limit"):
        assert word in answer.err, word
    assert max(map(len, answer.out.partition("judged on")[0].splitlines())) <= 80
    assert "loss of each step" in (tmp_path / "run" / "curve.svg").read_text(encoding="utf-8")
    assert call("evaluate", tmp_path / "run" / "bundle").code == 0


def test_json_is_one_line_and_nothing_else(call, recipe: Path, tmp_path: Path) -> None:
    answer = call("train", recipe, "--out", tmp_path / "run", *settings(), "--json")
    assert answer.err == ""
    assert answer.json["bundle"] == str(tmp_path / "run" / "bundle")
    assert Path(answer.json["curve"]).is_file()
    assert answer.json["results"][0]["name"] == "test"


def test_three_mistakes_are_three_messages(call, recipe: Path, tmp_path: Path) -> None:
    answer = call("train", recipe, "--out", tmp_path / "run", *settings("model.name=scrach", "tuning.rnk=3", "train.epochs=0"))
    assert answer.code == 2
    assert answer.err.count("\n  - ") == 3
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_overwritten_and_can_be_gone_on_with(call, recipe: Path, tmp_path: Path, monkeypatch) -> None:
    def interrupt(self, event: object) -> None:
        if isinstance(event, Step) and event.number == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hatetinyllm.cli.progress.Watch.__call__", interrupt)
        stopped = call("train", recipe, "--out", tmp_path / "run", *settings("train.save_every=2"))
    assert stopped.code == 130
    assert f"--resume {tmp_path / 'run'}" in stopped.err
    assert call("train", recipe, "--out", tmp_path / "run", *settings()).code == 2
    resumed = call("train", "--resume", tmp_path / "run", "--json")
    assert resumed.code == 0
    whole = call("train", recipe, "--out", tmp_path / "whole", *settings("train.save_every=2"), "--json")
    assert resumed.json["results"] == whole.json["results"]
    drawn = [Path(answer.json["curve"]).read_text(encoding="utf-8") for answer in (resumed, whole)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("wrong", [[], ["a.toml", "--resume", "b"], ["--resume", "b", "--out", "c"]])
def test_what_makes_no_sense_together_is_told(call, wrong: list[str]) -> None:
    assert call("train", *wrong).code == 2


def test_a_recipe_that_is_not_there_is_told(call, recipe: Path) -> None:
    answer = call("train", recipe.with_name("recpie.toml"))
    assert answer.code == 2
    assert "did you mean 'recipe.toml'" in answer.err


def test_a_preset_lies_under_the_recipe_and_is_written_out(call, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'preset = "paper-houlsby"\ndata.name = "demo"\nsplit.name = "official"\nmodel.name = "scratch"\n', encoding="utf-8"
    )
    own = [*settings("sample.rows=200"), "--set", "tuning.layers=['k_proj', 'v_proj']"]
    answer = call("train", recipe, "--out", tmp_path / "run", "--preset", "paper-lora", *own)
    assert answer.code == 0, answer.err
    kept = tomllib.loads((tmp_path / "run" / "recipe.toml").read_text(encoding="utf-8"))
    assert "preset" not in kept
    assert kept["tuning"] == {"name": "lora", "rank": 2, "alpha": 16, "dropout": 0.05, "layers": ["k_proj", "v_proj"]}
    assert (kept["train"]["epochs"], kept["train"]["weight_decay"]) == (1, 0.001)


def test_a_preset_alone_says_what_it_lies_under(call) -> None:
    answer = call("train", "--preset", "paper-lora")
    assert answer.code == 2
    assert "laid under a recipe" in answer.err
    assert "init --preset paper-lora" in answer.err
    assert "did you mean 'paper-lora'" in call("train", "--preset", "paper-lore").err


def test_a_run_that_cannot_begin_leaves_no_folder(call, tmp_path: Path) -> None:
    sections = ['data.name = "demo"', 'split.name = "official"', 'tuning.name = "lora"', "[model]", 'name = "hub"']
    (tmp_path / "nowhere").mkdir()  # a folder, but no checkpoint in it: that is seen when the model is built
    (tmp_path / "lost.toml").write_text("\n".join([*sections, f'id = "{(tmp_path / "nowhere").as_posix()}"']), encoding="utf-8")
    answer = call("train", tmp_path / "lost.toml", "--out", tmp_path / "runs" / "lost")
    assert answer.code == 2
    assert "building" in answer.err
    assert not (tmp_path / "runs").exists()


def test_label_words_without_words_name_their_preset(call, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    call("init", path, "--model", "smollm2-135m")
    answer = call("train", path, "--set", "readout.name=label-words")
    assert answer.code == 2
    assert "--preset label-words" in answer.err


def test_a_preset_that_changes_nothing_is_told(call, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    assert call("init", recipe, "--model", "tinyllama", "--data", "demo", "--tuning", "lora").code == 0
    answer = call("train", recipe, "--preset", "paper-lora", "--dry-run")
    assert answer.code == 2
    assert "preset 'paper-lora' changes nothing" in answer.err
    assert "tuning.rank" in answer.err
    assert call("init", tmp_path / "own.toml", "--model", "tinyllama", "--data", "demo", "--preset", "paper-lora").code == 0
    assert call("train", tmp_path / "own.toml", "--preset", "paper-lora", "--dry-run").code == 0


def test_what_is_no_run_cannot_be_gone_on_with_and_what_was_meant_is_told(call, recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "swept").mkdir()
    (tmp_path / "swept" / "sweep.toml").touch()
    for place, told in [
        (tmp_path / "none", "name the run's folder"),
        (tmp_path / "swept", "sweep --resume"),
        (recipe, "is a file"),
    ]:
        answer = call("train", "--resume", place)
        assert answer.code == 2
        assert "holds no run to go on with" in answer.err
        assert told in answer.err.replace("\n    ", " ")
    answer = call("train", recipe, "--out", recipe, *settings())
    assert answer.code == 2
    assert "is a file, and a folder is wanted" in answer.err


def test_a_run_that_is_done_says_so_and_a_budget_below_a_text_too(call, recipe: Path, tmp_path: Path) -> None:
    answer = call("train", recipe, "--out", tmp_path / "run", *settings("train.batch_tokens=4"))
    assert answer.code == 0
    assert "longer than the 4 tokens of a batch" in answer.err
    again = call("train", "--resume", tmp_path / "run")
    assert again.code == 0
    assert "it is done, and is judged and saved once more" in again.err
    path = tmp_path / "run" / "recipe.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("seed = ", "seed = 1"), encoding="utf-8")
    changed = call("train", "--resume", tmp_path / "run")
    assert changed.code == 2
    assert "train.seed was 42, is 142" in changed.err
    assert "put recipe.toml back as it was" in changed.err
    assert "resuming" not in changed.err


def test_a_tracker_is_one_word_and_leaves_no_stray_file(call, recipe: Path, tmp_path: Path) -> None:
    tracked = settings("train.tracker=tensorboard")
    answer = call("train", recipe, "--out", tmp_path / "run", *tracked)
    assert answer.code == 0
    assert "note      tensorboard --logdir" in answer.err
    assert list((tmp_path / "run" / "tracker").glob("events.*"))
    assert call("train", recipe, "--out", tmp_path / "run", "--overwrite", *settings()).code == 0
    assert not (tmp_path / "run" / "tracker").exists()


def test_a_tracker_that_is_not_installed_is_told_before_anything_is_read(
    call, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hatetinyllm.training.trackers.find_spec", lambda name: None)
    assert call("train", recipe, "--dry-run", *settings("train.tracker=mlflow")).code == 2
    answer = call("train", recipe, "--out", tmp_path / "run", *settings("train.tracker=mlflow"))
    assert answer.code == 2
    assert "pip install mlflow" in answer.err
    assert "reading" not in answer.err
    assert not (tmp_path / "run").exists()
