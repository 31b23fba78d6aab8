"""What a study looks like: a line for each run in a log, its failures kept, the tables that were asked for."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from hatetinyllm.cli.grid import Watch, _is_asked, show_published
from hatetinyllm.studies.cell import CellResult
from hatetinyllm.studies.cells import CELLS
from hatetinyllm.studies.children import Began, Ended, Progress, State, Tick
from hatetinyllm.studies.publish import Published, publish
from hatetinyllm.studies.study import Task
from hatetinyllm.studies.tables import results_table
from hatetinyllm.types import Result


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return Task(cell=CELLS["opt-1.3b-lora-dynahate"], split="leakfree", seed=42, recipe="", folder=tmp_path)


def told(events: list[object], task: Task, *, quiet: bool = False, screen: bool = False) -> tuple[str, list[str]]:
    stream = io.StringIO()
    with Watch(Console(file=stream, force_terminal=screen, width=200), [task], quiet=quiet) as watch:
        for event in events:
            watch(event)
    return stream.getvalue(), watch.failed


def test_a_run_is_a_line_when_it_begins_and_one_when_it_ends(task: Task) -> None:
    done = Ended(task=task, state=State(status="done", seconds=61))
    said, failed = told([Began(task=task), Tick(), Progress(task=task, stage="training", done=1, of=9), done], task)
    assert said.splitlines() == [
        "cell 1 of 1: opt-1.3b-lora-dynahate, leak-free, seed 42: begins",
        "cell 1 of 1: opt-1.3b-lora-dynahate, leak-free, seed 42: done, 61 s",
    ]
    assert failed == []


def test_on_a_screen_the_steps_move_with_the_time_that_is_left(task: Task) -> None:
    look = Progress(task=task, stage="training", done=1200, of=9000, texts_per_s=350.0, left_s=120)
    said, _ = told([look], task, screen=True)
    assert "training 1,200 of 9,000, 350 texts/s, 2 min left" in said


@pytest.mark.parametrize(
    ("event", "word"), [({"resumed": True}, "goes on"), ({"waits": True}, "waits for a process of an earlier study")]
)
def test_what_an_earlier_study_left_is_told(task: Task, event: dict[str, bool], word: str) -> None:
    assert word in told([Began(task=task, **event)], task)[0]


def test_a_failure_is_told_in_whole_and_kept(task: Task) -> None:
    said, failed = told([Ended(task=task, state=State(status="failed", error=("no [model]", "- bring it", "- or not")))], task)
    assert "no [model]" in said
    assert "- or not" in said
    assert failed == ["opt-1.3b-lora-dynahate, leak-free, seed 42: no [model] - bring it"]


def test_nothing_is_said_to_a_program(task: Task) -> None:
    said, failed = told([Began(task=task), Ended(task=task, state=State(status="failed", error=("why",)))], task, quiet=True)
    assert said == ""
    assert len(failed) == 1


@pytest.mark.parametrize(
    ("title", "number", "shown"),
    [
        ("Table VI: Base models, zero-shot", "all", True),
        ("TINY RANDOM NETS, no results: Table VI: Base models, zero-shot", "all", True),
        ("Table VI: Base models, zero-shot, every reading of the answers", "all", False),
        ("Table VI: Base models, zero-shot, every reading of the answers", "VI", True),
        ("Table IV: Hyperparameters for LoRA", "all", False),
        ("Table IV: Hyperparameters for LoRA", "IV", True),
        ("Table VI: Base models, zero-shot", "IV", False),
        ("Across datasets: accuracy, leak-free", "all", True),
    ],
)
def test_the_tables_that_were_asked_for_are_shown(title: str, number: str, shown: bool) -> None:
    assert _is_asked(title, number) is shown


def test_the_tables_are_shown_with_where_they_lie(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_published(publish(tmp_path), "VIII")
    said = capsys.readouterr().out
    assert "Table VIII: Tuned by LoRA: nothing of it was run yet" in said
    assert "Table VII:" not in said
    assert "always hate" not in said
    assert str(tmp_path / "tables.html") in said


def test_on_the_screen_sections_without_a_run_are_left_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    result = Result(
        name="test",
        head="hate",
        positive="hate",
        rows=4,
        prevalence=0.5,
        threshold=0.5,
        metrics={"accuracy": 0.75, "f1_hate": 0.8, "macro_f1": 0.733},
        confusion={"not_hate": {"not_hate": 1, "hate": 1}, "hate": {"not_hate": 0, "hate": 2}},
    )
    cell = CellResult(model="phi-2", method="lora", dataset="hateval", split="leakfree", seed=42, results=(result,))
    made = results_table("VIII", [cell])
    show_published(Published(cells=(cell,), tables=(made, results_table("VII", [])), files=(tmp_path / "tables.md",)), "all")
    said = capsys.readouterr().out
    headings = [row[0].text for row in made.rows if len(row) == 1]
    assert len(headings) == 4
    assert said.count("always hate") == 1
    assert said.count("phi-2") == 1
    assert "Table VII: Tuned by adapters: nothing of it was run yet" in said
