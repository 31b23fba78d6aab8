"""A bundle judged whole: on rows it did not learn from, with all that stands beside its figures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError, UnknownName
from hatetinyllm.evaluation.judge import Plan
from hatetinyllm.inference.detector import Detector
from hatetinyllm.inference.detectors.answers import Answers, AnyDetector
from hatetinyllm.studies.judge import Wanted, judge_any, judge_bundle
from hatetinyllm.types import Band

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


def shouting(**about: object) -> AnyDetector:
    """Hears hate in every text that is longer than sixty characters, and refuses what begins with J."""

    def ask(texts: Sequence[str], told: Callable[[int], None]) -> Answers:
        told(len(texts))
        return Answers(scores=np.array([np.nan if text[0] == "J" else float(len(text) > 60) for text in texts]))

    return AnyDetector(kind="python", name="shouting", identity="python:made up", asked="hate", ask=ask, **about)


def test_another_detector_is_judged_beside_the_dataset_s_own_baseline() -> None:
    found = judge_any(shouting(), Wanted(data="demo"), FEW)
    assert (found.name, found.mode, found.band) == ("shouting", "best-guess", Band(low=0.5, high=0.5))
    assert [one.name for one in found.others] == ["always hate", "always not_hate", "TF-IDF"]
    assert found.result.left_out > 0
    assert found.train_rows is None
    assert "is not known here" in found.judged.notes[0]


def test_a_detector_s_own_decisions_are_told_of_where_they_differ() -> None:
    def ask(texts: Sequence[str], told: Callable[[int], None]) -> Answers:
        return Answers(scores=np.full(len(texts), 0.3), calls=tuple(len(text) % 2 == 0 for text in texts))

    flags = AnyDetector(kind="openai", name="flags", identity="a made-up address", asked="hate", ask=ask)
    found = judge_any(flags, Wanted(data="demo", baseline=False), FEW)
    even = sum(len(example.text) % 2 == 0 for example in load_dataset("demo").test)
    assert f"decides otherwise on {even:,} of 400 rows" in found.judged.notes[-1]


def test_a_table_named_by_its_path_is_the_part_that_is_judged(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("text,label\nall are welcome in my house,0\nnobody wants them in my house,1\n", encoding="utf-8")
    found = judge_any(shouting(), Wanted(data="table", settings=(f'data.path="{table.as_posix()}"',)), FEW)
    assert found.result.rows == 2


def test_a_detector_that_learnt_from_the_same_data_is_told_of() -> None:
    found = judge_any(shouting(learnt_from="demo"), Wanted(data="demo", baseline=False), FEW)
    assert "these rows may be among what it learnt from" in found.judged.notes[0]


def test_another_detector_needs_to_be_told_the_data(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("text,label\nall are welcome in my house,0\nnobody wants them in my house,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="brings no data of its own"):
        judge_any(shouting(), Wanted(), FEW)
    with pytest.raises(DataError, match="has no dev part"):
        judge_any(shouting(), Wanted(data="table", part="dev", settings=(f'data.test="{table.as_posix()}"',)), FEW)
