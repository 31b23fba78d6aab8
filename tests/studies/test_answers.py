"""Answers are on the disk as soon as they are known; whatever a kill leaves of the file, no half answer is believed."""

from pathlib import Path

import pytest

from hatetinyllm.errors import RunLocked, TrainingError
from hatetinyllm.studies.answers import Answers, Folder, Key, begin, open_folder, same_run

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


RECIPE, OTHER = "a = 1\n", "a = 2\n"


def begun(path: Path, recipe: str, answers: int = 0, **how: bool) -> Folder:
    """A run that was begun, or gone on with, and has so many answers."""
    with open_folder(path, recipe, **how) as folder:
        begin(folder, recipe, {}, resume=how.get("resume", False))
        folder.about.write_text('{"fingerprint": {}}', encoding="utf-8")
        if answers:
            Answers(folder.answers).add({FIRST: 1.0})
    return folder


def test_a_folder_is_begun_gone_on_with_or_begun_anew(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(TrainingError, match="no zero-shot run to resume"):
        begun(run, RECIPE, resume=True)
    begun(run, RECIPE)
    folder = begun(run, OTHER, answers=1)  # nothing was answered: nothing is lost
    with pytest.raises(TrainingError, match="holds a run already"):
        begun(run, OTHER)
    with pytest.raises(TrainingError, match="another recipe"):
        begun(run, "a = 3\n", resume=True)
    begun(run, OTHER, resume=True)
    assert FIRST in Answers(folder.answers)
    begun(run, "a = 3\n", overwrite=True)
    assert FIRST not in Answers(folder.answers)
    assert folder.run.recipe.read_text(encoding="utf-8") == "a = 3\n"


ANSWERED = '{"prompt": "plain", "order": "given", "id": "1", "window": 0, "answer": 1.5}\n'


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "held",
    [
        {"thesis.txt": "mine"},
        {"bundle": ""},
        {"recipe.toml": "mine"},
        {"results.json": "[]"},
        {"about.json": "{}"},
        {"steps.jsonl": "mine"},
        {"answers.jsonl": "mine"},
        {"answers.jsonl": "", "results.json": "mine"},
        {"recipe.toml": "mine", "answers.jsonl": "my own answers"},
        {"recipe.toml": "mine", "answers.jsonl": "", "results.json": "mine"},
        {"recipe.toml": RECIPE, "results.json": "mine"},
        {"recipe.toml": RECIPE, "answers.jsonl": ANSWERED, "notes.md": "mine"},
        {"recipe.toml": RECIPE, "answers.jsonl": ANSWERED, "results.json/mine": "mine"},
    ],
)
def test_nothing_of_anybody_elses_is_touched(tmp_path: Path, held: dict[str, str], overwrite: bool) -> None:
    for name, text in held.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8") if name != "bundle" else path.mkdir()
    with pytest.raises(TrainingError, match="no zero-shot run's"):
        begun(tmp_path, RECIPE, overwrite=overwrite)
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in held if name != "bundle"} == {
        name: text for name, text in held.items() if name != "bundle"
    }


@pytest.mark.parametrize("held", [{"answers.jsonl": ""}, {"recipe.toml": RECIPE}, {"recipe.toml": "old", "answers.jsonl": ""}])
def test_a_run_that_was_killed_as_it_began_is_in_nobodys_way(tmp_path: Path, held: dict[str, str]) -> None:
    for name, text in held.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    assert begun(tmp_path, RECIPE).run.recipe.read_text(encoding="utf-8") == RECIPE


def test_opening_alone_changes_nothing(tmp_path: Path) -> None:
    folder = begun(tmp_path, RECIPE, answers=1)
    folder.run.results.write_text("[]", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.own if path.is_file()}
    with open_folder(tmp_path, OTHER, overwrite=True):
        pass
    assert {path.name: path.read_bytes() for path in folder.own if path.is_file()} == before
    assert len(before) == 4


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    begun(tmp_path, RECIPE)
    with open_folder(tmp_path, RECIPE), pytest.raises(RunLocked), open_folder(tmp_path, RECIPE, resume=True):
        pass


def test_other_data_cannot_be_gone_on_with(tmp_path: Path) -> None:
    folder = begun(tmp_path, RECIPE)
    folder.about.write_text('{"fingerprint": {"data": "old"}}', encoding="utf-8")
    same_run(folder, {"data": "old"})
    with pytest.raises(TrainingError, match="begun with something else"):
        same_run(folder, {"data": "new"})
    folder.about.unlink()
    same_run(folder, {"data": "new"})  # nothing was answered yet


@pytest.mark.parametrize("damaged", [b"", b'{"fing', b"[]", b"null", b"{}", b'{"fingerprint": 3}', b"\xff\xfe\x00", None])
def test_a_damaged_note_of_what_was_asked_is_told(tmp_path: Path, damaged: bytes | None) -> None:
    folder = begun(tmp_path, RECIPE, answers=1)
    folder.about.unlink() if damaged is None else folder.about.write_bytes(damaged)
    with pytest.raises(TrainingError, match=r"about\.json.* damaged or missing") as told:
        same_run(folder, {"data": "old"})
    assert "--overwrite" in told.value.problems[-1]


@pytest.mark.parametrize(
    "damage",
    [
        '"answer": [1]',
        '"answer": "hate"',
        '"answer": NaN',
        '"answer": true',
        '"answer": null',
        '"id": ["1"], "answer": 1.0',
        '"window": "0", "answer": 1.0',
    ],
)
def test_a_damaged_answer_is_asked_again(path: Path, damage: str) -> None:
    Answers(path).add({SECOND: "hate"})
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"prompt": "plain", "order": "given", "id": "id-1", "window": 0, ' + damage + "}\n")
    answers = Answers(path)
    assert FIRST not in answers
    assert answers[SECOND] == "hate"
