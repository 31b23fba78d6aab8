"""`calibrate` as a user calls it: the modes in a table and a picture, refusals told, the bundle replaced or another written."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from hatetinyllm.bundle import read_bundle
from hatetinyllm.cli.calibrate import _show_beside, _worse
from hatetinyllm.evaluation.calibration import Held, calibrate
from hatetinyllm.evaluation.rule import rules_of


def test_the_usual_modes_are_chosen_and_what_cannot_be_had_is_left_out(call, copied_bundle: Path) -> None:
    before = read_bundle(copied_bundle)
    answer = call("calibrate", copied_bundle)
    assert answer.code == 0
    for word in ("calibrated on demo dev", "NLL", "balanced", "high-recall", "review-10pct", "no label from", "░", "█", "◂"):
        assert word in answer.out, word
    assert "left out: fpr-1pct-95" in answer.err
    assert "408 independent negative rows, and there are 9" in answer.err
    after = read_bundle(copied_bundle)
    assert after.identity != before.identity
    assert after.manifest.calibration is not None
    assert after.manifest.calibration.bundle == before.identity
    assert after.weights.read_bytes() == before.weights.read_bytes()
    assert call("classify", "--bundle", copied_bundle, "--mode", "review-10pct", "all are welcome").code == 0


def test_a_mode_that_was_named_and_cannot_be_had_is_an_error_and_nothing_is_written(call, copied_bundle: Path) -> None:
    before = read_bundle(copied_bundle).identity
    answer = call("calibrate", copied_bundle, "--mode", "balanced", "--mode", "fpr-1pct-95")
    assert answer.code == 2
    assert "balanced" in answer.out
    assert "nothing was written" in answer.err
    assert "408 independent negative rows" in answer.err
    assert read_bundle(copied_bundle).identity == before
    as_json = call("calibrate", copied_bundle, "--mode", "balanced", "--mode", "fpr-1pct-95", "--json")
    assert as_json.code == 2
    assert as_json.json["written"] is None
    assert as_json.json["refused"]["fpr-1pct-95"]["needs"] == 408
    assert "nothing was written" in json.loads(as_json.err)["error"]["message"]


def test_another_bundle_is_written_and_nothing_overwritten(call, golden_bundle: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    answer = call("calibrate", golden_bundle, "--out", there, "--method", "isotonic", "--review-budget", "0.25", "--json")
    said = answer.json
    assert answer.code == 0
    assert said["written"]["identity"] == read_bundle(there).identity
    assert said["calibration"]["method"] == "isotonic"
    assert said["temperature"] == 1.0
    assert len(said["curve"]["scores"]) == len(said["curve"]["values"]) >= 2
    assert "review-25pct" in said["modes"]
    assert said["modes"]["balanced"]["measured"]["recall"].keys() == {"rows", "of", "interval"}
    again = call("calibrate", golden_bundle, "--out", there)
    assert again.code == 2
    assert "is there already" in again.err


def test_modes_and_aims_that_make_no_sense_are_told_at_once(call, golden_bundle: Path) -> None:
    answer = call("calibrate", golden_bundle, "--mode", "balansed", "--mode", "fpr-0pct-95", "--precision", "0", "--json")
    assert answer.code == 2
    assert len(answer.error["problems"]) == 3


def test_info_lists_the_modes_with_their_promises(call, golden_bundle: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    assert call("calibrate", golden_bundle, "--out", there, "--mode", "fpr-50pct-60", "--mode", "review-10pct").code == 0
    said = " ".join(call("info", there).out.split())
    assert "temperature" in said
    assert "calibrated temperature, on demo dev" in said
    assert "a false-positive rate of at most 50 %, with 60 % confidence; promised:" in said
    assert "for each of 3 versions" in said
    found = call("info", there, "--json").json
    assert found["modes"]["fpr-50pct-60"]["promise"]["fpr_at_most"] == 0.5
    assert found["calibration"]["part"] == "dev"


def test_a_calibrated_bundle_is_evaluated_by_its_modes(call, golden_bundle: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    assert call("calibrate", golden_bundle, "--out", there).code == 0
    order = ["evaluate", there, "--mode", "review-10pct", "--no-baseline", "--swaps", "0", "--draws", "100", "--json"]
    found = call(*order).json
    assert found["mode"] == "review-10pct"
    assert 0 < found["review"]["share"] < 0.5


def test_a_fit_that_does_harm_is_told_of() -> None:
    record = SimpleNamespace(before={"nll": 0.5, "brier": 0.2}, after={"nll": 0.6, "brier": 0.1})
    (told,) = _worse(record)
    assert "NLL got worse" in told
    assert "--method none" in told
    assert _worse(SimpleNamespace(before={"nll": 0.5}, after={"nll": 0.4})) == []


def test_heads_beside_the_headline_have_figures_and_modes_of_their_own(capsys) -> None:
    odds = np.concatenate([np.linspace(-3, 1, 60), np.linspace(-1, 3, 40)])
    held = Held(ids=tuple(map(str, range(100))), truth=np.repeat([0, 1], [60, 40]), odds=odds, groups=np.arange(100))
    found = calibrate(held, rules_of(["balanced", "fpr-1pct-95"]), method="temperature", seed=1)
    record = SimpleNamespace(name="rude", part="dev", how="official", rows=100, positives=40, negatives=60, independent=60)
    record = SimpleNamespace(**vars(record), kin="none", before=found.before, after=found.after, notes=())
    _show_beside(SimpleNamespace(held=held, calibrated=found, record=record), "offensive")
    shown = capsys.readouterr()
    for word in ("calibrated on rude dev (official): 100 rows, 40 of them offensive", "NLL", "balanced", "best-guess"):
        assert word in shown.out, word
    assert "left out for offensive: fpr-1pct-95" in shown.err


def test_the_built_in_bundle_is_never_replaced(call, built_in: Path) -> None:
    answer = call("calibrate", "builtin")
    assert answer.code == 2
    assert "--out" in answer.err
