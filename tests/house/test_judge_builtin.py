"""What ships is judged whole: figures, card and the lines to be logged; where nothing ships, that is told."""

import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.inference.detector import Detector
from hatetinyllm.training.unseen import Unseen
from hatetinyllm.types import Example, Head, Splits

TOXICITY = Head(name="toxicity", labels=("not_toxic", "toxic"), positive="toxic")


@pytest.fixture
def tool(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(root / "tools")
    return importlib.import_module


@pytest.fixture
def words(root: Path, tmp_path: Path) -> list[str]:
    """Places of the test's own; the demo has no audit, and the card must say why."""
    about = (root / "recipes" / "builtin" / "card.toml").read_text(encoding="utf-8") + 'leak_probe = "made-up rows"\n'
    (tmp_path / "card.toml").write_text(about, encoding="utf-8")
    places = {"results": "results", "card": "builtin.md", "about": "card.toml", "kept": "decoder", "runs": "runs"}
    return [word for name, place in places.items() for word in (f"--{name}", str(tmp_path / place))]


def test_figures_card_and_lines_to_log_are_written(tool, words: list[str], built_in: Path, tmp_path: Path, capsys) -> None:
    for seed in (42, 43):
        shutil.copytree(built_in, tmp_path / "runs" / "final" / f"seed-{seed}" / "bundle")
    assert tool("judge_builtin").main([*words, "--swaps", "5"]) == 0
    said = json.loads((tmp_path / "results" / "builtin.json").read_text(encoding="utf-8"))
    assert said["identity"] == Detector.open(built_in).bundle.identity
    assert 0 < said["judgement"]["result"]["metrics"]["ece_pos"] < 1
    assert "macro_f1" in said["judgement"]["result"]["intervals"]
    assert "rows" not in said["judgement"]
    (hate,) = said["heads"]["test"]
    assert hate["metrics"]["macro_f1"] == pytest.approx(said["judgement"]["result"]["metrics"]["macro_f1"])
    assert said["suite"]["figures"]["overall"]["cases"] > 100
    assert said["cat"] == {"not_measured": "it has no head toxicity"}
    assert said["size"]["weights_bytes"] < said["size"]["bundle_bytes"]
    card = (tmp_path / "builtin.md").read_text(encoding="utf-8")
    assert "# HateTinyLLM, the built-in model" in card
    assert "## Sources" in card
    assert all(f"## {heading}" in card for heading in ("Groups of people", "Functional tests", "Every head"))
    told = capsys.readouterr().out
    assert "demo test" in told
    assert "by 2 seeds of the last stage" in told
    assert said["seeds"]["macro_f1"]["mean"] == pytest.approx(hate["metrics"]["macro_f1"])


def test_where_nothing_ships_nothing_is_written(tool, words: list[str], no_built_in: None, tmp_path: Path, capsys) -> None:
    assert tool("judge_builtin").main(words) == 2
    assert "no built-in model" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def rows(scores: tuple[float | None, ...]) -> Unseen:
    examples = tuple(
        Example(
            id=str(row),
            text=f"{row} sat on wall {row * 7}",
            labels={"toxicity": ("toxic" if row % 2 else "not_toxic",)},
            score=one,
        )
        for row, one in enumerate(scores)
    )
    splits = Splits(name="cat", scheme="toxicity", train=(), dev=(), test=examples)
    return Unseen(splits=splits, part="test", examples=examples, seen=3, notes=(), learnt=None, asked={})


def test_toxicity_stands_beside_the_scores_that_were_stored(tool) -> None:
    ours = np.array([[1 - score, score] for score in (0.1, 0.9, 0.6, 0.8, 0.2, np.nan)])
    found = tool("builtin_figures").compare_scores(rows((0.2, 0.7, 0.1, 0.9, 0.3, 0.4)), TOXICITY, ours)
    assert (found["rows"], found["toxic"], found["not_read"], found["learnt_from_and_left_out"]) == (5, 2, 1, 3)
    assert found["auroc"] == found["perspective_auroc"] == 1.0
    assert found["same_side_of_one_half"] == pytest.approx(0.8)
    assert found["rank_correlation_with_perspective"] == pytest.approx(0.6)


def test_rows_without_a_stored_score_are_no_comparison(tool) -> None:
    with pytest.raises(DataError, match="lack the score"):
        tool("builtin_figures").compare_scores(rows((0.2, None)), TOXICITY, np.array([[0.5, 0.5], [0.1, 0.9]]))


def test_rows_of_one_label_tell_nothing(tool) -> None:
    found = tool("builtin_figures").compare_scores(rows((0.2,)), TOXICITY, np.array([[0.5, 0.5]]))
    assert found == {"not_measured": "1 rows were read that it did not learn from, all of one label"}


def test_a_card_that_is_refused_leaves_the_figures(tool, words: list[str], built_in: Path, tmp_path: Path, capsys) -> None:
    about = tmp_path / "card.toml"
    about.write_text(about.read_text(encoding="utf-8").replace("leak_probe", "energy"), encoding="utf-8")
    assert tool("judge_builtin").main([*words, "--swaps", "0"]) == 2
    assert "Leak probe" in capsys.readouterr().err
    assert (tmp_path / "results" / "builtin.json").is_file()
    assert not (tmp_path / "builtin.md").exists()
