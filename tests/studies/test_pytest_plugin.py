"""The plugin, in a pytest of its own: a function is a test, and nothing is loaded unless it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = "hatetinyllm.studies.pytest_plugin"
CASES = """
[[function]]
name = "plain"
label = "hate"
cases = ["An awful one.", "Another awful one."]

[[function]]
name = "mild"
label = "not_hate"
bar = 0.5
cases = ["A mild one.", "A mild awful one.", "Awfully mild."]

[[function]]
name = "hidden"
label = "hate"
cases = ["A hidden one."]
"""
FILTER = "def scores(texts):\n    return [0.9 if 'awful' in text.lower() else 0.1 for text in texts]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cases.toml").write_text(CASES, encoding="utf-8")
    (tmp_path / "my_filter.py").write_text(FILTER, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, plugin: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *(["-p", PLUGIN] if plugin else []), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


ASKED = ("--hate-suite", "cases.toml", "--hate-detector", "python:my_filter:scores")


def test_each_function_is_a_test_that_fails_in_words(folder: Path) -> None:
    done = run(folder, *ASKED)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 1 passed" in done.stdout
    assert "bar 1: hidden: 0 of 1 pass (0.000 [0.000, 0.793]); it lets 1 pass as not hate" in done.stdout
    assert "bar 0.5: mild: 1 of 3 pass" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_bar_for_all_is_for_those_without_one(folder: Path) -> None:
    done = run(folder, *ASKED, "--hate-bar", "0")
    assert "1 failed, 2 passed" in done.stdout


def test_what_cannot_be_asked_is_a_mistake_of_usage(folder: Path) -> None:
    done = run(folder, "--hate-suite", "case.toml", "--hate-detector", "python:my_filter:scores")
    assert done.returncode == 4
    assert "did you mean 'cases.toml'" in done.stderr
    assert run(folder, "--hate-suite", "cases.toml").returncode == 4


def test_it_is_not_loaded_by_itself(folder: Path) -> None:
    assert "unrecognized arguments: --hate-suite" in run(folder, *ASKED, plugin=False).stderr
