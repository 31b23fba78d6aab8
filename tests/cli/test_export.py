"""`export`, as a user calls it."""

from pathlib import Path


def test_what_it_cost_is_told_and_the_new_bundle_answers(call, golden_bundle: Path, tmp_path: Path) -> None:
    answer = call("export", golden_bundle, "--out", tmp_path / "small", "--half")
    assert answer.code == 0
    assert "16 bits a number" in answer.out
    assert "the largest change is 0.00" in answer.out
    verdict = call("classify", "--bundle", tmp_path / "small", "--engine", "onnx", "--json", "they are welcome").json
    assert verdict["label"] == "not_hate"


def test_programs_get_the_figures(call, golden_bundle: Path, tmp_path: Path) -> None:
    said = call("export", golden_bundle, "--out", tmp_path / "whole", "--json").json
    assert said["weights_bytes"] == (tmp_path / "whole" / "model.safetensors").stat().st_size
    assert said["largest_change"] < 1e-5


def test_the_built_in_is_named_by_its_word(call, built_in: Path, tmp_path: Path) -> None:
    assert call("export", "builtin", "--out", tmp_path / "again", "--json").code == 0


def test_a_place_that_is_taken_is_told(call, golden_bundle: Path, tmp_path: Path) -> None:
    answer = call("export", golden_bundle, "--out", tmp_path)
    assert answer.code == 2
    assert "is there already" in answer.err
