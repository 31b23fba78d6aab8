"""`evaluate` judges a bundle on rows it did not learn from."""

from pathlib import Path

import pytest


def test_its_own_test_part_gives_the_stored_result(call, golden_bundle: Path) -> None:
    stored = call("info", golden_bundle, "--json").json["results"][0]
    found = call("evaluate", golden_bundle, "--json").json
    assert found["confusion"] == stored["confusion"]
    assert found["metrics"] == pytest.approx(stored["metrics"], abs=1e-3)
    said = call("evaluate", golden_bundle)
    assert "called not_hate" in said.out
    assert "hate from a score of 0.5 on" in said.out


def test_a_mode_decides_by_its_own_threshold(call, golden_bundle: Path) -> None:
    bands = call("info", golden_bundle, "--json").json["bands"]
    assert call("evaluate", golden_bundle, "--mode", "balanced", "--json").json["threshold"] == bands["balanced"]["high"]


def test_your_own_file_is_judged(call, golden_bundle: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("words,verdict\nall are welcome in my house,fine\nnobody wants them in my house,bad\n", encoding="utf-8")
    words = ["data.text=words", "data.label=verdict", 'data.hate=["bad"]', 'data.not_hate=["fine"]']
    settings = [part for one in (f'data.test="{table.as_posix()}"', *words) for part in ("--set", one)]
    answer = call("evaluate", golden_bundle, "--data", "table", *settings, "--json")
    assert answer.code == 0
    assert answer.json["rows"] == 2


def test_what_it_learnt_from_is_refused(call, golden_bundle: Path) -> None:
    answer = call("evaluate", golden_bundle, "--part", "train")
    assert answer.code == 2
    assert "a figure on them says nothing" in answer.err
