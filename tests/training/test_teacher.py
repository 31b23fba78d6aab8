"""A teacher's file is held against the rows, changes what is learnt, and is kept in the bundle."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.data.checks import digest_part
from hatetinyllm.errors import DataError, RecipeError, TrainingError
from hatetinyllm.folder import digest_of
from hatetinyllm.training.follow import Stage, check, train
from hatetinyllm.training.loop import Step
from hatetinyllm.training.material import read_splits
from hatetinyllm.training.teacher import Lesson, consult
from hatetinyllm.types import Example, Head, Splits

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def row(name: str, *labels: str) -> Example:
    return Example(text=f"text {name}", id=name, labels={"hate": labels} if labels else {"target": ()})


SPLITS = Splits(
    name="made-up",
    train=(row("a", "hate"), row("b", "not_hate"), row("other/a"), row("empty", "hate")),
    dev=(row("d", "hate"),),
    test=(row("t", "hate"),),
    scheme="hate",
)


def written(folder: Path, scores: Mapping[str, float]) -> str:
    path = folder / "said.jsonl"
    path.write_text("".join(json.dumps({"id": name, "score": score}) + "\n" for name, score in scores.items()), encoding="utf-8")
    return str(path)


def consulted(file: str, **options: Any) -> Lesson:
    found = consult(SPLITS, SPLITS.train[:3], HATE, file=file, **options)
    assert found is not None
    return found


def test_rows_are_taught_by_their_ids_and_those_that_judge_are_ignored(tmp_path: Path) -> None:
    file = written(tmp_path, {"other/a": 0.75, "a": 0.5, "t": 0.1, "d": 0.2})
    lesson = consulted(file, weight=0.25, digest=digest_part(SPLITS, "train"))
    assert lesson.taught.scores.tolist()[::2] == [0.5, 0.75]
    assert lesson.taught.scores.isnan().tolist() == [False, True, False]
    assert lesson.taught.weight == 0.25
    assert lesson.note == (
        "teacher said.jsonl: 2 of 3 rows to learn from are taught, by a share of 0.25; "
        "1 of them have no hate label of their own; 2 ids of rows that judge are ignored"
    )
    noted = lesson.noted(SPLITS)
    assert noted.files["teacher: said.jsonl"] == digest_of(Path(file))
    assert noted.notes[-1] == lesson.note


def test_without_a_file_there_is_no_teacher() -> None:
    assert consult(SPLITS, SPLITS.train, HATE) is None


@pytest.mark.parametrize(
    ("scores", "digest", "told"),
    [
        ({"a": 0.5, "x": 0.5, "y": 0.1}, "", ["2 of 3 ids of the file are no row's: x, y"]),
        ({"d": 0.5, "t": 0.5}, "", ["it names none of the 4 rows to train on"]),
        ({"a": 0.5}, "0" * 64, ["not those it was made for"]),
        ({"x": 0.5}, "0" * 64, ["are no row's: x", "not those it was made for", "it names none"]),
    ],
)
def test_a_file_of_other_rows_is_told(tmp_path: Path, scores: dict[str, float], digest: str, told: list[str]) -> None:
    with pytest.raises(DataError, match="does not teach these rows of made-up") as error:
        consulted(written(tmp_path, scores), digest=digest)
    assert len(error.value.problems) == len(told)
    assert all(word in problem for word, problem in zip(told, error.value.problems, strict=True))


def test_the_digest_is_of_the_train_rows_alone(tmp_path: Path) -> None:
    digest, file = digest_part(SPLITS, "train"), written(tmp_path, {"a": 0.5})
    assert consult(replace(SPLITS, test=()), SPLITS.train, HATE, file=file, digest=digest) is not None
    with pytest.raises(DataError, match="does not teach"):
        consult(replace(SPLITS, train=SPLITS.train[:3]), SPLITS.train, HATE, file=file, digest=digest)


RECIPE: dict[str, Any] = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "sample": {"rows": 400},
    "text": {"max_tokens": 32, "overlap_tokens": 8},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 32},
    "tuning": {"name": "full"},
    "train": {"epochs": 1, "batch_size": 64, "device": "cpu"},
}


def test_a_teacher_that_is_not_here_is_told_before_any_data_is_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        check({**RECIPE, "teacher": {"file": str(tmp_path / "gone.jsonl")}})
    with pytest.raises(RecipeError, match=r"without teacher\.file"):
        check({**RECIPE, "teacher": {"digest": "0"}})
    assert check({**RECIPE, "teacher": {"file": str(tmp_path / "gone.jsonl")}}, to_read=False)


def test_it_changes_what_is_learnt_and_stands_in_the_bundle(tmp_path: Path) -> None:
    splits = read_splits(check(RECIPE))
    wrong = {example.id: float("hate" not in example.labels["hate"]) for example in splits.train}
    file = written(tmp_path, wrong)
    taught = {**RECIPE, "teacher": {"file": file, "weight": 1.0, "digest": digest_part(splits, "train")}}
    plain, events = list[Stage | Step](), list[Stage | Step]()
    train(RECIPE, tmp_path / "plain", on_event=plain.append)
    outcome = train(taught, tmp_path / "taught", on_event=events.append)
    assert any(event.detail.startswith("teacher said.jsonl") for event in events if isinstance(event, Stage))
    losses, own = ([event.loss for event in told if isinstance(event, Step)] for told in (events, plain))
    assert len(losses) == len(own)
    assert losses[0] != own[0]
    manifest = outcome.bundle.manifest
    assert manifest.data is not None
    assert manifest.data.files["teacher: said.jsonl"] == digest_of(Path(file))
    assert any(note.startswith("teacher said.jsonl") for note in manifest.data.notes)
    assert "weight = 1.0" in manifest.recipe
    written(tmp_path, dict.fromkeys(wrong, 0.5))
    with pytest.raises(TrainingError) as error:
        train(taught, tmp_path / "taught", resume=True)
    assert error.value.problems == ("the teacher's scores are others than they were",)
