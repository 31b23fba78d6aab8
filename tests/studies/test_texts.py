"""Texts of judged rows come from the user's own data, and only if it is the same as then."""

from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judge import Plan
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
