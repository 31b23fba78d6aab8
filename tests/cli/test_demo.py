"""The demo runs from end to end, small, and says what it made. `make demo` is the same at its full size."""

import json
from pathlib import Path

import pytest

SMALL = """
[data]
name = "demo"
[split]
name = "official"
[text]
max_tokens = 32
overlap_tokens = 8
[model]
name = "scratch"
layers = 1
width = 16
heads = 2
[tuning]
name = "lora"
[train]
epochs = 1
batch_size = 128
device = "cpu"
"""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same road with a smaller model."""
    monkeypatch.setattr("hatetinyllm.cli.demo.recipe_text", lambda: SMALL)


@pytest.mark.usefixtures("small")
def test_everything_the_demo_made_is_there(call, tmp_path: Path) -> None:
    answer = call("demo", "--out", tmp_path / "demo")
    assert answer.code == 0
    for word in ("How it fared", "TF-IDF baseline", "What it says", "What was made", "no moderator"):
        assert word in answer.out, word
    for name in ("bundle", "recipe.toml", "results.json", "steps.jsonl", "curve.svg"):
        assert str(tmp_path / "demo" / name) in answer.out
        assert (tmp_path / "demo" / name).exists()


@pytest.mark.usefixtures("small")
def test_the_demo_can_be_repeated_and_speak_json(call, tmp_path: Path) -> None:
    first = call("demo", "--out", tmp_path / "demo", "--json")
    assert json.loads(first.out)["results"] == call("demo", "--out", tmp_path / "demo", "--json").json["results"]


@pytest.mark.usefixtures("small")
def test_the_demo_replaces_nothing_but_a_demo(call, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text('[data]\nname = "table"\n', encoding="utf-8")
    answer = call("demo", "--out", tmp_path)
    assert answer.code == 2
    assert "holds a run of yours" in answer.err
