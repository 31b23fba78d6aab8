"""`sweep` on the command line: every mistake at once, what it shows, and how it is stopped and gone on with."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hatetinyllm.training.loop import Step

RECIPE = """
data.name = "demo"
sample.rows = 160
split.name = "official"
text = { max_tokens = 32, overlap_tokens = 8 }
model = { name = "scratch", layers = 1, width = 16, heads = 2, max_tokens = 32 }
tuning.name = "full"
train = { epochs = 1, batch_size = 32, save_every = 2, device = "cpu", threads = 1 }
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


RATES = ("--over", "train.learning_rate=1e-4..1e-2")


def test_a_sweep_shows_its_trials_the_best_first_and_goes_on_with_more(call, recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    answer = call("sweep", recipe, "--out", out, *RATES, "--trials", "2")
    assert answer.code == 0, answer.err
    for word in ("dev macro_f1", "train.learning_rate", "best", "judged on", "best.toml", "bundle", "dev scores flatter"):
        assert word in answer.out, word
    for word in ("trial 1 of 2: train.learning_rate=", "trial 2 of 2", "judged on the test part, once"):
        assert word in answer.err, word
    more = call("sweep", "--resume", out, "--trials", "3", "--json")
    assert more.err == ""
    assert [trial["number"] for trial in more.json["trials"]] == [1, 2, 3]
    assert Path(more.json["bundle"]).is_dir()
    assert json.loads((out / "sweep.json").read_text(encoding="utf-8"))["best"] == more.json["best"]
    assert call("train", more.json["recipe"], "--out", tmp_path / "again").code == 0


def test_a_signal_stops_after_the_step_and_names_the_way_on(call, recipe: Path, tmp_path: Path, monkeypatch) -> None:
    def interrupt(self, event: object) -> None:
        if isinstance(event, Step) and event.number == 3:
            raise KeyboardInterrupt

    out = tmp_path / "sweep"
    with monkeypatch.context() as patch:
        patch.setattr("hatetinyllm.cli.trials.Watch.__call__", interrupt)
        stopped = call("sweep", recipe, "--out", out, *RATES, "--trials", "1")
    assert stopped.code == 130
    assert f"sweep --resume {out}" in stopped.err
    assert call("sweep", recipe, "--out", out, *RATES).code == 2
    resumed = call("sweep", "--resume", out)
    assert resumed.code == 0
    assert "trial 1 of 1 goes on" not in resumed.err  # it had no fault, so it is begun like any other
    assert "resuming  after step 3" in resumed.err


def test_what_is_tried_may_stand_in_the_recipe_and_be_changed_by_words(call, recipe: Path, tmp_path: Path) -> None:
    recipe.write_text(RECIPE + '[sweep]\ntrials = 5\nsampler = "grid"\n[sweep.over]\ntrain.epochs = "1..2"\n', encoding="utf-8")
    words = ("--over", "train.epochs=1,3", "--set", "sweep.trials=1", "--json")
    answer = call("sweep", recipe, "--out", tmp_path / "sweep", *words)
    assert answer.code == 0, answer.err
    assert [trial["values"] for trial in answer.json["trials"]] == [{"train.epochs": 1}]
    refused = call("train", recipe)
    assert refused.code == 2
    assert f"hatetinyllm sweep {recipe}" in refused.err


def test_every_mistake_is_told_at_once_and_leaves_no_folder(call, recipe: Path, tmp_path: Path) -> None:
    words = ("--over", "train.epohcs=1..2", "--over", "data.name=a,b", "--metric", "f1", "--sampler", "tep")
    answer = call("sweep", recipe, "--out", tmp_path / "sweep", *words)
    assert answer.code == 2
    assert answer.err.count("\n  - ") == 4
    for hint in ("did you mean 'epochs'", "did you mean 'tpe'", "same rows"):
        assert hint in answer.err, hint
    ends = call("sweep", recipe, "--out", tmp_path / "sweep", "--over", "train.epochs=0..2", "--over", "train.clip_norm=-1..1")
    assert ends.err.count("\n  - ") == 2
    assert not (tmp_path / "sweep").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name one of the two"),
        (["a.toml", "--resume", "b"], "name one of the two"),
        (["--resume", "b", "--prune", "--out", "c"], "takes no --out, --prune"),
        (["--resume", "nowhere"], "holds no sweep"),
    ],
)
def test_what_makes_no_sense_is_told(call, words: list[str], said: str) -> None:
    answer = call("sweep", *words)
    assert answer.code == 2
    assert said in answer.err


def test_without_optuna_the_way_to_get_it_is_told(call, recipe: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "hatetinyllm.studies.trials", raising=False)
    answer = call("sweep", recipe, *RATES)
    assert answer.code == 2
    assert 'pip install "hatetinyllm[sweep]"' in answer.err


def test_help_loads_neither_optuna_nor_torch() -> None:
    look = (
        "import sys; from hatetinyllm.cli.main import start; start(['sweep', '--help']); "
        "print('optuna' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
