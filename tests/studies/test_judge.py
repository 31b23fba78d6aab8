"""A bundle judged whole: on rows it did not learn from, with all that stands beside its figures."""

from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.errors import UnknownName
from hatetinyllm.evaluation.judge import Plan
from hatetinyllm.inference.detector import Detector
from hatetinyllm.studies.judge import Wanted, judge_bundle, name_of

FEW = Plan(draws=100)


def test_a_bundle_is_judged_on_its_own_test_part(golden_bundle: Path) -> None:
    detector = Detector.open(golden_bundle)
    stages: list[str] = []
    found = judge_bundle(detector, Wanted(), FEW, say=stages.append)
    assert (found.name, found.identity) == ("golden", detector.bundle.identity)
    assert (found.judged.name, found.judged.part, found.judged.how) == ("demo", "test", "official")
    assert found.result.metrics["accuracy"] == pytest.approx(detector.bundle.manifest.results[0].metrics["accuracy"], abs=1e-3)
    assert [one.name for one in found.others] == ["always hate", "always not_hate", "TF-IDF"]
    assert len(found.operating) == 5
    assert found.train_rows == detector.bundle.manifest.data.rows["train"]
    assert set(found.bands) == set(detector.modes)
    assert "results" not in found.manifest
    assert any("TF-IDF learns" in stage for stage in stages)


def test_what_is_not_wanted_is_left_out(golden_bundle: Path) -> None:
    found = judge_bundle(Detector.open(golden_bundle), Wanted(baseline=False, thresholds=False), FEW)
    assert len(found.others) == 2
    assert found.operating == ()


def test_an_unknown_mode_is_told_before_rows_are_read(golden_bundle: Path) -> None:
    with pytest.raises(UnknownName, match="no mode"):
        judge_bundle(Detector.open(golden_bundle), Wanted(mode="strict", data="nowhere"), FEW)


def test_other_data_brings_its_own_name(golden_bundle: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("text,label\nall are welcome in my house,0\nnobody wants them in my house,1\n", encoding="utf-8")
    wanted = replace(Wanted(), data="table", settings=(f'data.test="{table.as_posix()}"',))
    found = judge_bundle(Detector.open(golden_bundle), wanted, FEW)
    assert (found.judged.part, found.result.rows) == ("test", 2)
    assert found.judged.licences == ("own",)


@pytest.mark.parametrize(("folder", "name"), [("runs/first/bundle", "first"), ("mine", "mine")])
def test_a_bundle_goes_by_its_run(folder: str, name: str, tmp_path: Path) -> None:
    assert name_of(tmp_path / folder) == name
