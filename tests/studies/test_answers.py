"""Answers are on the disk as soon as they are known; whatever a kill leaves of the file, no half answer is believed."""

from pathlib import Path

import pytest

from hatetinyllm.errors import RunLocked, TrainingError
from hatetinyllm.studies.answers import Answers, Key, open_folder, same_run

FIRST, SECOND = Key("plain", "given", "id-1", 0), Key("plain", "generated", "ïd 2\n", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "answers.jsonl").touch()
    return tmp_path / "answers.jsonl"


def test_what_was_added_is_read_again(path: Path) -> None:
    answers = Answers(path)
    assert FIRST not in answers
    answers.add({FIRST: -1.25})
    answers.add({SECOND: None})
    again = Answers(path)
    assert again[FIRST] == -1.25
    assert SECOND in again
    assert again[SECOND] is None


def test_a_file_cut_anywhere_has_whole_answers_only(path: Path) -> None:
    Answers(path).add({FIRST: 1.0625, SECOND: "hate"})
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        answers = Answers(path)
        assert (FIRST in answers) == (cut >= len(lines[0]) - 1)
        assert SECOND not in answers or cut == len(whole) - 1
        answers.add({SECOND: "not_hate"})
        assert Answers(path)[SECOND] == "not_hate"
        assert len(path.read_bytes().splitlines()) == len(set(path.read_bytes().splitlines()))


def test_the_last_answer_of_a_key_counts(path: Path) -> None:
    Answers(path).add({FIRST: 1.0})
    Answers(path).add({FIRST: 2.0})
    assert Answers(path)[FIRST] == 2.0


def test_a_folder_is_begun_gone_on_with_or_begun_anew(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(TrainingError, match="no zero-shot run to resume"), open_folder(run, "a = 1\n", resume=True):
        pass
    with open_folder(run, "a = 1\n"):
        pass
    with open_folder(run, "a = 2\n") as folder:  # nothing was answered: nothing is lost
        Answers(folder.answers).add({FIRST: 1.0})
    with pytest.raises(TrainingError, match="holds a run already"), open_folder(run, "a = 2\n"):
        pass
    with pytest.raises(TrainingError, match="another recipe"), open_folder(run, "a = 3\n", resume=True):
        pass
    with open_folder(run, "a = 2\n", resume=True) as folder:
        assert FIRST in Answers(folder.answers)
    with open_folder(run, "a = 3\n", overwrite=True) as folder:
        assert FIRST not in Answers(folder.answers)


@pytest.mark.parametrize("foreign", ["thesis.txt", "bundle/manifest.json", "recipe.toml"])
def test_nothing_of_anybody_elses_is_touched(tmp_path: Path, foreign: str) -> None:
    path = tmp_path / "run" / foreign
    path.parent.mkdir(parents=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(TrainingError), open_folder(tmp_path / "run", "a = 1\n", overwrite=True):
        pass
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    with open_folder(tmp_path, "a = 1\n"), pytest.raises(RunLocked), open_folder(tmp_path, "a = 1\n", resume=True):
        pass


def test_other_data_cannot_be_gone_on_with(tmp_path: Path) -> None:
    with open_folder(tmp_path, "a = 1\n") as folder:
        same_run(folder, {"data": "old"})
        folder.about.write_text('{"fingerprint": {"data": "old"}}', encoding="utf-8")
        same_run(folder, {"data": "old"})
        with pytest.raises(TrainingError, match="begun with something else"):
            same_run(folder, {"data": "new"})
