"""`evaluate` judges bundles on rows they did not learn from."""

import shutil
from pathlib import Path

import pytest

from hatetinyllm.cli.evaluate import stored_name
from hatetinyllm.data.dataset import load_dataset

FEW = ("--draws", 100, "--swaps", 0)


def test_its_own_test_part_gives_the_stored_result(call, golden_bundle: Path) -> None:
    stored = call("info", golden_bundle, "--json").json["results"][0]
    found = call("evaluate", golden_bundle, "--json", *FEW).json["result"]
    assert found["confusion"] == stored["confusion"]
    for name, value in stored["metrics"].items():
        assert found["metrics"][name] == pytest.approx(value, abs=1e-3), name


def test_a_program_gets_every_part_and_no_text(call, golden_bundle: Path) -> None:
    found = call("evaluate", golden_bundle, "--json", "--draws", 100).json
    assert {"result", "others", "slices", "contrasts", "groups", "swaps", "operating", "judged", "drawn"} <= set(found)
    assert [one["name"] for one in found["others"]] == ["always hate", "always not_hate", "TF-IDF"]
    assert found["result"]["intervals"]["macro_f1"]["low"] < found["result"]["metrics"]["macro_f1"]
    assert found["judged"]["asked"]["data"]["name"] == "demo"
    said = str(found)
    assert not [example.id for example in load_dataset("demo").test if example.text in said]


def test_a_mode_decides_by_its_own_threshold(call, golden_bundle: Path) -> None:
    bands = call("info", golden_bundle, "--json").json["bands"]
    found = call("evaluate", golden_bundle, "--mode", "balanced", "--no-baseline", "--json", *FEW).json
    assert found["result"]["threshold"] == bands["balanced"]["high"]
    assert [one["name"] for one in found["others"]] == ["always hate", "always not_hate"]


def test_your_own_file_is_judged(call, golden_bundle: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("words,verdict\nall are welcome in my house,fine\nnobody wants them in my house,bad\n", encoding="utf-8")
    words = ["data.text=words", "data.label=verdict", 'data.hate=["bad"]', 'data.not_hate=["fine"]']
    settings = [part for one in (f'data.test="{table.as_posix()}"', *words) for part in ("--set", one)]
    answer = call("evaluate", golden_bundle, "--data", "table", *settings, "--json", *FEW)
    assert answer.code == 0
    assert answer.json["result"]["rows"] == 2


def test_what_it_learnt_from_is_refused(call, golden_bundle: Path) -> None:
    answer = call("evaluate", golden_bundle, "--part", "train")
    assert answer.code == 2
    assert "a figure on them says nothing" in answer.err


def test_several_bundles_have_a_spread(call, golden_bundle: Path, copied_bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "judged"
    answer = call("evaluate", golden_bundle, copied_bundle, "--out", out, *FEW)
    assert answer.code == 0
    assert "over 2 bundles, positive label hate" in answer.out
    assert sorted(path.name for path in out.iterdir()) == ["copied", "golden"]
    found = call("evaluate", golden_bundle, copied_bundle, "--json", *FEW).json
    assert found["spread"]["accuracy"]["deviation"] == 0
    assert len(found["judgements"]) == 2


def test_the_same_bundle_twice_is_no_seed(call, golden_bundle: Path, copied_bundle: Path, tmp_path: Path) -> None:
    answer = call("evaluate", golden_bundle, golden_bundle)
    assert answer.code == 2
    assert "named twice" in answer.err
    twin = shutil.copytree(copied_bundle, tmp_path / "elsewhere" / "copied")
    answer = call("evaluate", twin, copied_bundle, "--out", tmp_path / "out")
    assert answer.code == 2
    assert "same name" in answer.err


def test_an_unknown_word_is_told_before_anything_is_read(call) -> None:
    answer = call("evaluate", "nowhere", "--by", "tarrget")
    assert answer.code == 2
    assert "did you mean 'target'?" in answer.err


def test_a_list_of_terms_of_ones_own(call, golden_bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[cooks]\naxis = "trade"\nsingular = "cook"\nplural = "cooks"\n', encoding="utf-8")
    found = call("evaluate", golden_bundle, "--terms", path, "--json", *FEW).json
    (by_terms,) = [groups for groups in found["groups"] if groups["source"] == "terms of mine.toml"]
    assert [group["name"] for group in by_terms["fairness"]["groups"]] == ["cooks"]


def test_a_function_is_judged_on_a_dataset(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_detector.py").write_text("def score(texts):\n    return [0.25 for text in texts]\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    out = tmp_path / "judged"
    words = ("python:made_up_detector:score", "--data", "demo", "--out", out, "--no-baseline", *FEW)
    answer = call("evaluate", *words, "--json")
    assert answer.code == 0
    assert answer.json["result"]["metrics"]["recall"] == 0
    assert (out / "judgement.json").is_file()
    assert call("evaluate", words[0]).code == 2


def test_an_option_of_a_detector_of_another_kind_is_refused(call, golden_bundle: Path) -> None:
    answer = call("evaluate", golden_bundle, "--data", "demo", "--category", "hate")
    assert answer.code == 2
    assert "--category" in answer.err


def test_a_place_that_is_taken_is_told_before_anything_is_judged(call, golden_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    for place, said in ((tmp_path, "something else"), (tmp_path / "letter.txt", "is a file")):
        answer = call("evaluate", golden_bundle, "--out", place)
        assert answer.code == 2
        assert said in answer.err
        assert "texts are scored" not in answer.err


def test_a_mode_of_what_has_none_is_refused(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_modeless.py").write_text("def score(texts):\n    return [0.25 for text in texts]\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    answer = call("evaluate", "python:made_up_modeless:score", "--data", "demo", "--mode", "balanced")
    assert answer.code == 2
    assert "has no mode 'balanced'" in answer.err


def test_detectors_judged_on_other_rows_are_kept_and_told_of(call, golden_bundle: Path, tmp_path: Path, monkeypatch) -> None:
    source = "def score(texts):\n    return [None if 'house' in text else 0.25 for text in texts]\n"
    (tmp_path / "made_up_shy.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    words = ("python:made_up_shy:score", golden_bundle, "--data", "demo", "--no-baseline")
    found = call("evaluate", *words, "--json", *FEW)
    assert found.code == 0
    assert len(found.json["judgements"]) == 2
    refused = found.json["judgements"][0]["refused"]
    assert refused is None or refused["rows"] > 0


def test_addresses_make_names_that_folders_can_have() -> None:
    names = [stored_name(f"openai:http://{host}.example/v1/moderations") for host in "ab"]
    assert len(set(names)) == 2
    assert not set("/:") & set("".join(names))
