"""A teacher is made of train rows alone, by who did not learn from them, and a training learns from its file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hatetinyllm.data.score_file import read_scores
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judge import TFIDF
from hatetinyllm.inference.detector import Detector
from hatetinyllm.studies.teach import EDGE, Wanted, _joined, _require_head, teach
from hatetinyllm.training.follow import check
from hatetinyllm.training.material import read_splits
from hatetinyllm.training.teacher import consult
from hatetinyllm.types import Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
RECIPE: dict[str, Any] = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "sample": {"rows": 500},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2},
    "tuning": {"name": "full"},
}


def test_every_train_row_gets_a_score_and_no_other(tmp_path: Path) -> None:
    out, said = tmp_path / "made" / "teacher.parquet", list[str]()
    made = teach({**RECIPE, "teacher": {"file": "gone"}}, out, Wanted(folds=3), say=said.append)
    splits, scores = read_splits(check(RECIPE)), read_scores(out)
    assert list(scores) == [example.id for example in splits.train]
    assert (made.rows, made.unlabelled, made.folds, made.tfidf_share) == (len(scores), 0, 3, 1.0)
    assert all(EDGE <= score <= 1 - EDGE for score in scores.values())
    (tfidf,) = made.results
    assert tfidf.name == TFIDF
    assert tfidf.metrics["macro_f1"] is not None
    assert tfidf.metrics["macro_f1"] > 0.6
    assert sum("learns for fold" in word for word in said) == 3
    lesson = consult(splits, splits.train, HATE, file=str(out), digest=made.digest)
    assert lesson is not None
    assert not lesson.taught.scores.isnan().any()


def test_bundles_speak_too_and_it_is_said_that_they_may_know_the_rows(tmp_path: Path, golden_bundle: Path) -> None:
    out = tmp_path / "teacher.jsonl"
    made = teach(RECIPE, out, Wanted(bundles=(str(golden_bundle),), folds=2, tfidf_share=0.0))
    splits, detector = read_splits(check(RECIPE)), Detector.open(golden_bundle)
    said = detector.scores([example.text for example in splits.train])
    np.testing.assert_allclose(list(read_scores(out).values()), np.clip(said, EDGE, 1 - EDGE), atol=1e-6)
    assert made.folds == 0
    assert "in-sample" in made.notes[0]


def test_log_odds_are_averaged_by_the_share_of_tfidf() -> None:
    voices = {TFIDF: np.array([0.9, 0.2, 0.5]), "one": np.array([0.5, np.nan, 0.0]), "two": np.array([0.8, np.nan, 1.0])}
    found = _joined(voices, 0.25)
    odds = 0.25 * np.log(9) + 0.75 * (np.log(1) + np.log(4)) / 2
    assert found.tolist() == pytest.approx([1 / (1 + np.exp(-odds)), 0.2, 0.5])
    assert np.isnan(_joined({"one": np.array([np.nan])}, 0.0)).all()


def test_rows_of_another_question_are_scored_where_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    splits = read_splits(check(RECIPE))
    silent = [replace(row, id=f"set/{row.id}", labels={"target": ()}) for row in splits.dev]
    joined = replace(splits, train=(*splits.train, *silent))
    monkeypatch.setattr("hatetinyllm.studies.teach.read_splits", lambda recipe: joined)
    made = teach(RECIPE, tmp_path / "few.jsonl", Wanted(folds=2))
    assert made.rows == len(splits.train)
    made = teach(RECIPE, tmp_path / "all.jsonl", Wanted(folds=2, unlabelled=True))
    assert (made.rows, made.unlabelled) == (len(joined.train), len(silent))
    assert made.results[0].left_out == len(silent)


def test_what_cannot_teach_is_told(tmp_path: Path, golden_bundle: Path) -> None:
    with pytest.raises(DataError, match=r"\.jsonl or \.parquet"):
        teach(RECIPE, tmp_path / "teacher.csv", Wanted())
    with pytest.raises(DataError, match="no teacher can be made") as told:
        teach(RECIPE, tmp_path / "t.jsonl", Wanted(bundles=(str(golden_bundle), str(golden_bundle)), tfidf_share=1.5))
    assert len(told.value.problems) == 2
    offence = Head(name="offence", labels=("not_offensive", "offensive"), positive="offensive")
    with pytest.raises(DataError, match="the recipe asks for offence") as other:
        _require_head({"golden": Detector.open(golden_bundle)}, offence)
    assert other.value.problems == ("golden answers hate (not_hate, hate)",)
