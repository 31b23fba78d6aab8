"""A bundle calibrated: on rows it was not fitted to, with promises that the rows support, and never judged on them again."""

import csv
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hatetinyllm.bundle import Bundle, read_bundle, write_again
from hatetinyllm.data import DATASETS
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judge import Plan
from hatetinyllm.inference.detector import Detector
from hatetinyllm.studies.calibrate import UNCALIBRATED, Outcome, Wanted, calibrate_bundle
from hatetinyllm.studies.judge import Wanted as ToJudge
from hatetinyllm.studies.judge import judge_bundle
from hatetinyllm.training.follow import train
from hatetinyllm.training.unseen import held_out_rows, unseen_rows

NEGATIVES, POSITIVES = 330, 120


@pytest.fixture(scope="module")
def detector(golden_bundle: Path) -> Detector:
    return Detector.open(golden_bundle)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences of made-up words, no two alike; a word of the demo's now and then for the net to see."""
    chance = random.Random(5)
    path = tmp_path_factory.mktemp("rows") / "mine.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        for row in range(NEGATIVES + POSITIVES):
            words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(4, 9))) for _ in range(6)]
            positive = row >= NEGATIVES
            if chance.random() < (0.6 if positive else 0.1):
                words.insert(chance.randrange(6), "they are not welcome")
            writer.writerow([" ".join(words), "hate" if positive else "not_hate"])
    return path


@pytest.fixture(scope="module")
def foreign(detector: Detector, table: Path) -> Outcome:
    return calibrate_bundle(detector, Wanted(data="table", settings=(f'data.path="{table.as_posix()}"',)))


@pytest.fixture
def written(foreign: Outcome, golden_bundle: Path, tmp_path: Path) -> Bundle:
    return write_again(read_bundle(golden_bundle), tmp_path / "bundle", foreign.manifest)


def test_rows_the_bundle_never_saw_promise_as_one_set_of_weights(foreign: Outcome, detector: Detector) -> None:
    record, promise = foreign.manifest.calibration, foreign.manifest.modes["fpr-1pct-95"].promise
    assert record is not None
    assert promise is not None
    assert (record.rows, record.positives, record.negatives) == (NEGATIVES + POSITIVES, POSITIVES, NEGATIVES)
    assert (record.independent, record.candidates) == (NEGATIVES, 1)
    assert (promise.negatives, promise.errors, promise.candidates) == (NEGATIVES, 0, 1)
    assert record.bundle == detector.bundle.identity
    assert set(foreign.manifest.bands) >= {"best-guess", "balanced", "high-recall", "fpr-1pct-95", "review-10pct"}


def test_a_calibrated_bundle_opens_and_its_verdicts_say_all_of_it(written: Bundle, foreign: Outcome, table: Path) -> None:
    opened = Detector.open(written.folder)
    with table.open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)]
    for mode in opened.modes:
        verdicts = opened.classify_all(texts, mode=mode)
        band = foreign.manifest.bands[mode]
        assert {(one.mode, one.threshold) for one in verdicts} == {(mode, band.high)}
        np.testing.assert_allclose([one.score for one in verdicts], foreign.calibrated.scores, atol=1.1e-4)
    abstained = [one for one in opened.classify_all(texts, mode="review-10pct") if one.reason == "abstain"]
    review = foreign.manifest.modes["review-10pct"].measured["review"]
    assert abs(len(abstained) - review.rows) <= 1
    called = [one.label == "hate" for one in opened.classify_all(texts, mode="fpr-1pct-95")]
    assert not any(called[:NEGATIVES])  # none of 330 may be


def test_a_bundle_is_not_judged_on_what_it_was_calibrated_on(written: Bundle, table: Path, tmp_path: Path) -> None:
    setting = f'data.path="{table.as_posix()}"'
    with pytest.raises(DataError, match=r"was calibrated on all 450 rows"):
        unseen_rows(written, "table", "test", [setting])
    more = tmp_path / "more.csv"
    more.write_text(table.read_text(encoding="utf-8") + "a fresh sentence about bread,not_hate\n", encoding="utf-8")
    found = unseen_rows(written, "table", "test", [f'data.path="{more.as_posix()}"'])
    assert [example.text for example in found.examples] == ["a fresh sentence about bread"]
    assert found.seen == NEGATIVES + POSITIVES
    assert "450 of 451 rows left out: the bundle was calibrated on their text" in found.notes


def test_calibration_rows_that_are_gone_or_changed_are_noted(written: Bundle, table: Path, tmp_path: Path) -> None:
    record = written.manifest.calibration
    assert record is not None
    fresh = tmp_path / "fresh.csv"
    fresh.write_text("text,label\na,hate\nb,not_hate\n", encoding="utf-8")
    for change in ({"files": {}}, {"digest": "0"}, {"asked": {"data": {"name": "table", "dev": "nowhere.csv"}}}, {"asked": {}}):
        lost = replace(written, manifest=replace(written.manifest, calibration=replace(record, **change)))
        found = unseen_rows(lost, "table", "test", [f'data.path="{fresh.as_posix()}"'])
        assert len(found.examples) == 2
        assert any("what the bundle was calibrated on cannot be read here" in note for note in found.notes), change


def test_it_is_still_judged_on_its_own_test_part(written: Bundle) -> None:
    judged = judge_bundle(Detector.open(written.folder), ToJudge(baseline=False, mode="balanced"), Plan(draws=100))
    assert judged.judged.seen == 0
    assert judged.band == written.manifest.bands["balanced"]


def test_its_own_dev_part_promises_for_all_weights_it_chose_among(detector: Detector) -> None:
    found = calibrate_bundle(detector, Wanted())
    record = found.manifest.calibration
    assert record is not None
    assert (record.name, record.part, record.rows, record.candidates) == ("demo", "dev", len(load_dataset("demo").dev), 3)
    assert "for each of these at once" in record.notes[0]
    assert record.independent < 20 < record.negatives  # sentences of the demo come from few templates
    assert "of each of 3 versions" in found.calibrated.refused["fpr-1pct-95"].reason
    assert found.refused == {}  # nobody asked for it by name


def test_a_mode_that_was_named_and_cannot_be_had_is_told_beside_the_others(detector: Detector) -> None:
    found = calibrate_bundle(detector, Wanted(modes=("balanced", "fpr-1.0pct-95")))
    assert set(found.refused) == {"fpr-1pct-95"}
    assert set(found.manifest.modes) == {"best-guess", "balanced"}


def test_named_data_leaves_the_dev_part_out_too(detector: Detector) -> None:
    with pytest.raises(DataError, match="learnt from all"):
        calibrate_bundle(detector, Wanted(data="demo", part="dev"))
    own = calibrate_bundle(detector, Wanted(part="test"))
    record = own.manifest.calibration
    assert record is not None
    assert record.candidates == 1
    assert "can no longer be judged on them" in record.notes[0]
    bundle = replace(detector.bundle, manifest=own.manifest)
    with pytest.raises(DataError, match="was calibrated on all 400 rows"):
        unseen_rows(bundle, None, "test", [])


def test_train_rows_calibrate_nothing(detector: Detector) -> None:
    with pytest.raises(DataError, match="learnt from all"):
        calibrate_bundle(detector, Wanted(part="train"))


@pytest.mark.parametrize("method", ["temperature", "isotonic", "none"])
def test_a_bundle_is_calibrated_anew_from_what_its_net_says(detector: Detector, tmp_path: Path, method) -> None:
    first = calibrate_bundle(detector, Wanted(method="isotonic"))
    again = Detector.open(write_again(detector.bundle, tmp_path / "first", first.manifest).folder)
    one, other = (calibrate_bundle(which, Wanted(method=method)) for which in (detector, again))
    assert (one.manifest.temperatures, one.manifest.curve) == (other.manifest.temperatures, other.manifest.curve)
    assert (one.manifest.bands, one.manifest.modes) == (other.manifest.bands, other.manifest.modes)
    assert other.manifest.calibration is not None
    assert other.manifest.calibration.bundle == again.bundle.identity != detector.bundle.identity


def test_results_of_other_scores_say_so(detector: Detector) -> None:
    names = [one.name for one in calibrate_bundle(detector, Wanted()).manifest.results]
    assert names == [f"test{UNCALIBRATED}"]
    assert [one.name for one in calibrate_bundle(detector, Wanted(method="none")).manifest.results] == ["test"]


def test_rows_of_one_label_are_one_clear_error(detector: Detector, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,label\nall are welcome,not_hate\nthe bread is warm,not_hate\n", encoding="utf-8")
    with pytest.raises(DataError, match="table dev: thresholds cannot be chosen") as caught:
        calibrate_bundle(detector, Wanted(data="table", settings=(f'data.path="{path.as_posix()}"',)))
    assert caught.value.problems == ("2 rows, 0 of them positive: both labels are needed",)


def test_no_threshold_is_chosen_on_a_functional_suite(detector: Detector, mirror: Callable[[Mapping[str, str]], Path]) -> None:
    columns = ["functionality", "case_id", "test_case", "label_gold", "target_ident", "ref_case_id", "ref_templ_id", "templ_id"]
    cases = ["a_function,1,all are splendid,non-hateful,women,,,1", "b_function,2,all must go,hateful,women,,,2", ""]
    mirror({"hatecheck/test_suite_cases.csv": "\n".join([",".join(columns), *cases])})
    with pytest.raises(DataError, match="hatecheck is a functional suite"):
        calibrate_bundle(detector, Wanted(data="hatecheck", part="test"))


def test_a_wrong_mode_is_told_before_rows_are_read(detector: Detector) -> None:
    with pytest.raises(DataError, match="modes cannot be read"):
        calibrate_bundle(detector, Wanted(data="nowhere", modes=("strict",)))


def test_a_budget_takes_the_place_of_the_usual_one() -> None:
    names = [rule.name for rule in Wanted(review_budget=0.25).rules()]
    assert names == ["balanced", "high-precision", "high-recall", "fpr-1pct-95", "review-25pct"]
    assert [rule.name for rule in Wanted(modes=("balanced",), review_budget=0.05).rules()] == ["balanced", "review-5pct"]


def test_stages_are_told(detector: Detector) -> None:
    told: list[str] = []
    say: Callable[[str], None] = told.append
    calibrate_bundle(detector, Wanted(modes=("balanced",)), say=say)
    assert any("texts are scored" in stage for stage in told)


RUDE = """
import random
from hatetinyllm.types import Example, Splits

def sentence(row):
    chance = random.Random(row)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(4, 9))) for _ in range(7)]
    return " ".join([*words, "you are awful"] if row % 3 == 0 else words)

def load() -> Splits:
    said = {True: "offensive", False: "not_offensive"}
    rows = tuple(Example(text=sentence(row), id=str(row), labels={"offence": (said[row % 3 == 0],)}) for row in range(900))
    return Splits(name="rude", train=rows, scheme="offence")
"""


@pytest.fixture(scope="module")
def two_heads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Detector]:
    """A bundle that learnt hate from the demo and offence from a set beside it."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "made_up_rude_rows.py").write_text(RUDE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setattr(DATASETS, "_places", {**DATASETS.places, "rude": "made_up_rude_rows:load"})
        recipe = {
            "data": {"name": "demo"},
            "split": {"name": "official"},
            "beside": {"datasets": ["rude"]},
            "heads": {"heads": ["hate", "offence", "target"]},
            "text": {"max_tokens": 64},
            "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 64},
            "tuning": {"name": "full"},
            "train": {"epochs": 2, "batch_size": 64, "learning_rate": 1e-2, "device": "cpu"},
        }
        yield Detector.open(train(recipe, folder / "run").bundle.folder)


def test_every_head_of_two_labels_is_calibrated_on_the_rows_that_answer_it(two_heads: Detector, tmp_path: Path) -> None:
    found = calibrate_bundle(two_heads, Wanted(method="isotonic", modes=("balanced", "fpr-1pct-95")))
    assert set(found.beside) == {"offence"}
    assert found.manifest.calibration is not None
    fitted, record = found.beside["offence"], found.manifest.beside["offence"]
    assert record.calibration.rows == len(fitted.held.ids) == 45
    assert (record.calibration.candidates, found.manifest.calibration.candidates) == (1, 2)
    assert set(record.bands) == {"best-guess", "balanced"}
    assert "fpr-1pct-95" in fitted.calibrated.refused
    assert set(found.refused) == {"fpr-1pct-95"}
    marked = {one.head for one in found.manifest.results if one.name.endswith(UNCALIBRATED)}
    assert marked == {"hate", "offence"}
    opened = Detector.open(write_again(two_heads.bundle, tmp_path / "bundle", found.manifest).folder)
    texts = {example.id: example.text for example in held_out_rows(two_heads.bundle, None, "dev", ()).examples}
    verdicts = opened.classify_all([texts[id] for id in fitted.held.ids])
    np.testing.assert_allclose([one.scores["offence"] for one in verdicts], fitted.calibrated.scores, atol=1.1e-4)


def test_a_head_that_the_rows_do_not_answer_stays_as_it_was(two_heads: Detector, table: Path) -> None:
    first = calibrate_bundle(two_heads, Wanted()).manifest
    own = Detector(replace(two_heads.bundle, manifest=first), two_heads._encoder, two_heads._engine)
    found = calibrate_bundle(own, Wanted(data="table", settings=(f'data.path="{table.as_posix()}"',)))
    assert found.manifest.beside == first.beside
    assert found.manifest.temperatures["offence"] == first.temperatures["offence"]
    assert found.notes == ("offence: stays as it was, these rows do not answer it by both labels",)


def test_what_another_head_was_calibrated_on_is_not_judged_on(two_heads: Detector) -> None:
    first = calibrate_bundle(two_heads, Wanted()).manifest
    alone = replace(two_heads.bundle, manifest=replace(first, calibration=None))
    with pytest.raises(DataError, match="was calibrated on all"):
        unseen_rows(replace(alone, manifest=replace(alone.manifest, recipe="", data=None)), "demo", "dev", [])
