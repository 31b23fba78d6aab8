"""Texts of judged rows come from the user's own data, and only if it is the same as then."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judge import Plan
from hatetinyllm.folder import digest_of
from hatetinyllm.inference.detector import Detector
from hatetinyllm.studies.judge import Wanted, judge_bundle
from hatetinyllm.studies.texts import texts_of


@pytest.fixture(scope="module")
def judgement(golden_bundle: Path):
    wanted = Wanted(baseline=False, thresholds=False)
    return judge_bundle(Detector.open(golden_bundle), wanted, Plan(draws=100))


def test_every_judged_row_has_its_text(judgement) -> None:
    found = texts_of(judgement)
    assert set(judgement.rows.ids) <= set(found)
    assert all(found.values())


def test_other_rows_than_those_judged_are_refused(judgement) -> None:
    changed = replace(judgement, judged=replace(judgement.judged, digest="another"))
    with pytest.raises(DataError, match="no longer those"):
        texts_of(changed)


def test_data_that_cannot_be_read_is_told(judgement) -> None:
    gone = {"data": {"name": "table", "path": "nowhere.csv"}, "split": {"name": "official"}}
    with pytest.raises(DataError, match="cannot be read"):
        texts_of(replace(judgement, judged=replace(judgement.judged, asked=gone)))
    with pytest.raises(DataError, match="does not say"):
        texts_of(replace(judgement, judged=replace(judgement.judged, asked={})))


def test_a_strangers_judgement_cannot_name_plugins(judgement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_stranger.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    asked = {**judgement.judged.asked, "plugins": ["made_up_stranger"]}
    assert texts_of(replace(judgement, judged=replace(judgement.judged, asked=asked)))
    assert "made_up_stranger" not in sys.modules


@pytest.mark.parametrize("section", ["data", "split"])
def test_only_files_that_were_judged_are_opened(judgement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str) -> None:
    def read(recipe: object) -> None:
        raise DataError("it was opened")

    monkeypatch.setattr("hatetinyllm.studies.texts.read_source", read)
    path = tmp_path / "diary.csv"
    path.write_text("text,label\nmine,hate\n", encoding="utf-8")
    named = {"data": {"name": "table", "path": str(path)}, "split": {"name": "from-file", "path": str(path)}}
    asked = {**judgement.judged.asked, section: named[section]}
    for files, said in (({}, "no longer the file that was judged"), ({"all": digest_of(path)}, "it was opened")):
        with pytest.raises(DataError, match=said):
            texts_of(replace(judgement, judged=replace(judgement.judged, asked=asked, files=files)))
