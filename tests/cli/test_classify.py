"""Verdicts on arguments and on standard input; a bad line ends nothing, and no text is shown unasked."""

import json
from dataclasses import replace
from pathlib import Path

from hatetinyllm.bundle import read_bundle, write_again
from hatetinyllm.types import Band

TEXT = "those neighbours are not welcome"


def test_a_table_for_people_masks_the_text(call, golden_bundle: Path) -> None:
    answer = call("classify", "--bundle", golden_bundle, TEXT)
    assert answer.code == 0
    assert "t···· n········· ··· ··· w······" in answer.out
    assert TEXT not in answer.out
    assert TEXT in call("classify", "--bundle", golden_bundle, "--show-text", TEXT).out


def test_json_is_a_line_a_verdict_without_the_text(call, golden_bundle: Path) -> None:
    answer = call("classify", "--bundle", golden_bundle, "--json", TEXT, "")
    first, second = (json.loads(line) for line in answer.out.splitlines())
    assert set(first) == {"guess", "label", "reason", "score", "scores", "mode", "threshold", "review_from"}
    assert (second["label"], second["reason"]) == (None, "empty_text")
    assert TEXT not in answer.out


def test_a_verdict_says_by_which_mode_and_threshold(call, golden_bundle: Path) -> None:
    said = call("classify", "--bundle", golden_bundle, "--mode", "balanced", TEXT).out.splitlines()
    assert said[0].split() == ["label", "score", "reason", "mode", "threshold", "text"]
    assert said[1].split()[3:5] == ["balanced", "0.155"]


def test_what_a_mode_leaves_to_people_is_told_with_its_band(call, copied_bundle: Path) -> None:
    golden = read_bundle(copied_bundle)
    doubtful = replace(golden.manifest, bands={**golden.manifest.bands, "review-100pct": Band(low=0.001, high=0.999)})
    write_again(golden, copied_bundle, doubtful)
    order = ["classify", "--bundle", copied_bundle, "--mode", "review-100pct", TEXT]
    said = call(*order).out.splitlines()[1].split()
    assert (said[0], *said[2:5]) == ("–", "abstain", "review-100pct", "0.001–0.999")
    found = call(*order, "--json").json
    assert (found["label"], found["reason"], found["threshold"], found["review_from"]) == (None, "abstain", 0.999, 0.001)


def test_a_bad_line_is_a_verdict_with_a_reason_and_the_next_is_read(call, golden_bundle: Path) -> None:
    lines = [b"one", b"\xff", b'{"txt": "two"}', b'{"text": 3, "id": 7}', b'{"text": "four", "id": "x"}', b"{brace", b"[1]"]
    answer = call("classify", "--bundle", golden_bundle, "--json", "-", stdin=b"\r\n".join(lines))
    verdicts = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 0
    assert [verdict["reason"] == "not_text" for verdict in verdicts] == [False, True, True, True, False, True, False]
    assert verdicts[1]["problem"] == "line 2 is not UTF-8"
    assert 'has no "text"' in verdicts[2]["problem"]
    assert (verdicts[3]["id"], verdicts[4]["id"]) == (7, "x")


def test_many_lines_come_back_in_order(call, golden_bundle: Path) -> None:
    lines = "".join(json.dumps({"text": "word " * (index % 7 + 1), "id": index}) + "\n" for index in range(600))
    answer = call("classify", "--bundle", golden_bundle, "--json", "-", stdin=lines)
    assert [json.loads(line)["id"] for line in answer.out.splitlines()] == list(range(600))


def test_a_byte_order_mark_is_no_part_of_the_first_text(call, golden_bundle: Path) -> None:
    order = ["classify", "--bundle", golden_bundle, "--json", "-"]
    found = [call(*order, stdin=mark + b"one").json for mark in (b"", b"\xef\xbb\xbf")]
    assert found[0] == found[1]


def test_nothing_on_standard_input_is_nothing_said(call, golden_bundle: Path) -> None:
    answer = call("classify", "--bundle", golden_bundle, "-", stdin="")
    assert (answer.code, answer.out) == (0, "")


def test_what_is_no_bundle_and_no_mode_is_told(call, golden_bundle: Path, tmp_path: Path) -> None:
    assert "there is no bundle" in call("classify", "--bundle", tmp_path / "none", "a").err
    answer = call("classify", "--bundle", golden_bundle, "--mode", "balansed", "a")
    assert answer.code == 2
    assert "did you mean 'balanced'" in answer.err


def test_what_is_deeply_wrong_is_one_bad_line(call, golden_bundle: Path) -> None:
    lines = ['{"text": ' + "[" * 100_000, '{"text": "a", "id": Infinity}', '{"text": "b", "id": "\\ud800"}', "c"]
    answer = call("classify", "--bundle", golden_bundle, "--json", "-", stdin="\n".join(lines))
    assert answer.code == 0
    verdicts = [json.loads(line) for line in answer.out.splitlines()]
    assert [verdict["line"] for verdict in verdicts] == [1, 2, 3, 4]
    assert [verdict["reason"] == "not_text" for verdict in verdicts] == [True, False, False, False]


def test_standard_input_stands_alone(call, golden_bundle: Path) -> None:
    assert call("classify", "--bundle", golden_bundle, "-", "a text").code == 2


def test_without_a_bundle_the_built_in_answers(call, built_in: Path) -> None:
    assert call("classify", "--json", TEXT).json == call("classify", "--bundle", built_in, "--json", TEXT).json


def test_an_installation_without_the_built_in_names_the_option(call, no_built_in: None) -> None:
    answer = call("classify", TEXT)
    assert answer.code == 2
    assert "no built-in model" in answer.err
    assert "--bundle" in answer.err


def test_the_engine_can_be_named(call, golden_bundle: Path, built_in: Path) -> None:
    assert call("classify", "--engine", "torch", TEXT).code == 0
    answer = call("classify", "--bundle", golden_bundle, "--engine", "onnx", TEXT)
    assert answer.code == 2
    assert "hatetinyllm export" in answer.err
