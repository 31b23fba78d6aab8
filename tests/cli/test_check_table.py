"""`check-table` marks what cannot be, and tells what is written wrongly."""

import json
from pathlib import Path

import pytest

from hatetinyllm.metrics.feasible import whole_rows_exist
from hatetinyllm.metrics.printed import Span


def test_an_impossible_cell_is_marked_with_its_reason(call) -> None:
    answer = call("check-table", "--accuracy", ".73", "--f1", ".16", "--prevalence", ".42")
    assert answer.code == 0
    assert "IMPOSSIBLE" in answer.out
    assert "no definition of F1 admits it" in answer.out
    assert "always positive, of 42.0 % positive rows: accuracy .420, F1 .592" in answer.out


def test_a_feasible_cell_tells_what_it_implies(call) -> None:
    (found,) = call("check-table", "--accuracy", "80%", "--f1", ".81", "--prevalence", ".4203", "--json").json
    assert found["possible"]
    assert found["readings"]["macro_f1"]["feasible"] is False
    recall, precision = (found["readings"]["f1_positive"][name] for name in ("recall", "precision"))
    assert recall["low"] < 0.98 < recall["high"]
    assert precision["low"] < 0.68 < precision["high"]
    assert found["constant_answers"][0]["answer"] == "always positive"


def test_the_paper_has_one_impossible_cell(call) -> None:
    found = call("check-table", "--paper", "--json").json
    assert len(found) == 20
    assert [one["name"] for one in found if not one["possible"]] == ["VI: Mistral-7B-v0.1, HatEval"]
    said = call("check-table", "--paper")
    assert said.code == 0
    assert said.out.count("IMPOSSIBLE") == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_is_read_row_by_row(call, tmp_path: Path, separator: str) -> None:
    rows = [
        ["Name", "Accuracy", "F1", "Prevalence"],
        ["ours", ".80", ".79", ".42"],
        ["theirs", ".73", ".16", ".42"],
        ["theirs", ".8", ".8", ".42"],
    ]
    (tmp_path / "table.csv").write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8-sig")
    found = call("check-table", tmp_path / "table.csv", "--json").json
    assert [(one["name"], one["possible"]) for one in found] == [("ours", True), ("theirs", False), ("theirs (row 3)", True)]
    assert found[2]["accuracy"] == {"low": 0.75, "high": 0.85}
    found = call("check-table", tmp_path / "table.csv", "--digits", 2, "--json").json
    assert found[2]["accuracy"] == {"low": 0.795, "high": 0.805}


def test_a_json_file_keeps_the_digits_it_shows(call, tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text('[{"name": "a", "accuracy": 0.80, "f1": 0.810, "prevalence": "42%"}]', encoding="utf-8")
    (found,) = call("check-table", tmp_path / "table.json", "--json").json
    assert found["accuracy"] == {"low": 0.795, "high": 0.805}
    assert found["f1"] == {"low": 0.8095, "high": 0.8105}
    assert found["prevalence"] == {"low": 0.415, "high": 0.425}


def test_whole_rows_are_tried_where_their_number_is_known(call, tmp_path: Path) -> None:
    figures = ("--accuracy", ".733", "--f1", ".700", "--prevalence", ".400")
    assert call("check-table", *figures, "--json").json[0]["possible"]
    answer = call("check-table", *figures, "--rows", 10)
    assert "no table of so many whole rows" in answer.out
    assert "whole rows were tried" in answer.err
    (tmp_path / "table.csv").write_text("name,accuracy,f1,prevalence,rows\na,.733,.700,.400,10\n", encoding="utf-8")
    assert not call("check-table", tmp_path / "table.csv", "--json").json[0]["possible"]


def test_all_rows_that_cannot_be_read_are_told_at_once(call, tmp_path: Path) -> None:
    rows = [
        {"name": "a", "accuracy": 73, "f1": ".16", "prevalence": ".42"},
        {"name": "b", "accuracy": ".8", "f1": "good", "prevalence": ".42", "rows": "many"},
        {"accuracy": ".80", "f1": ".80", "prevalence": "1.00"},
        {"name": "d", "accuracy": ".80", "f1": ".80", "prevalence": ".42"},
    ]
    (tmp_path / "table.json").write_text(json.dumps(rows), encoding="utf-8")
    answer = call("check-table", tmp_path / "table.json", "--json")
    assert answer.code == 2
    problems = answer.error["problems"]
    assert len(problems) == 3
    assert problems[0] == "a: accuracy is 73: shares run from 0 to 1, did you mean 0.73 or 73%?"
    assert problems[1].startswith("b: f1 is 'good'")
    assert problems[2].startswith("b: rows is 'many'")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name one of three"),
        (("--accuracy", ".8"), "--f1 is missing"),
        (("--paper", "--accuracy", ".8", "--f1", ".8", "--prevalence", ".4"), "name one of three"),
        (("nothing.csv",), "there is no file 'nothing.csv'"),
    ],
)
def test_what_is_missing_is_told(call, arguments: tuple[str, ...], said: str) -> None:
    answer = call("check-table", *arguments)
    assert answer.code == 2
    assert said in answer.err


def test_a_file_without_the_columns_names_the_nearest(call, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("name,acuracy,f1,prevalence\na,.8,.8,.4\n", encoding="utf-8")
    assert "no column 'accuracy' (did you mean 'acuracy'?)" in call("check-table", tmp_path / "table.csv").err
    (tmp_path / "table.json").write_text("{}", encoding="utf-8")
    assert "must hold a list of objects" in call("check-table", tmp_path / "table.json").err
    (tmp_path / "table.json").write_text("{", encoding="utf-8")
    assert "is no JSON" in call("check-table", tmp_path / "table.json").err
    (tmp_path / "table.csv").write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8" in call("check-table", tmp_path / "table.csv").err


def test_a_narrow_screen_holds_every_line_of_the_table(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatetinyllm.cli.output.PIPED_WIDTH", 80)
    head, *lines = call("check-table", "--paper").out.partition("\n\n")[0].splitlines()
    assert head.split() == ["accuracy", "F1", "positive", "F1", "of", "recall", "precision", "cell"]
    assert len(lines) >= 20
    assert max(map(len, [head, *lines])) <= 80


@pytest.mark.parametrize("column", ["Model", "cell", "ROW", "name"])
def test_any_word_for_the_name_will_do(call, tmp_path: Path, column: str) -> None:
    (tmp_path / "table.csv").write_text(f"{column},accuracy,f1,prevalence\nOPT-1.3B,.80,.80,.42\n", encoding="utf-8")
    assert call("check-table", tmp_path / "table.csv", "--json").json[0]["name"] == "OPT-1.3B"


def test_a_name_cannot_speak_to_the_terminal(call, tmp_path: Path) -> None:
    name = "red \x1b[31m\u202eand\rback\u00a0again"
    good, bad = ({"name": name, "accuracy": figure, "f1": ".16", "prevalence": ".42"} for figure in (".73", "much"))
    (tmp_path / "good.json").write_text(json.dumps([good]), encoding="utf-8")
    (tmp_path / "bad.json").write_text(json.dumps([bad]), encoding="utf-8")
    shown = r"red \x1b[31m\u202eand\rback again"
    assert call("check-table", tmp_path / "good.json").out.count(shown) == 2  # in the table and in the reason
    assert f"{shown}: accuracy is 'much'" in call("check-table", tmp_path / "bad.json").err


def test_rows_that_are_too_many_to_count_are_told(call) -> None:
    figures = ("check-table", "--accuracy", ".73", "--f1", ".50", "--prevalence", ".42", "--rows")
    assert "of 90,000 rows there are too many tables to try" in call(*figures, 90_000).err
    assert "too many" not in call(*figures, 100).err


@pytest.mark.parametrize(("digits", "told"), [(2, 6_500), (3, 30_000)])
def test_the_help_tells_how_many_rows_are_counted(call, digits: int, told: int) -> None:
    assert f"{told:,}" in call("check-table", "--help").out
    half = 10**-digits / 2
    spans = [Span(low=figure - half, high=figure + half) for figure in (0.73, 0.01, 0.42)]  # no table has such figures
    assert whole_rows_exist("f1_positive", *spans, told) is False
    assert whole_rows_exist("f1_positive", *spans, told * 11 // 10) is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "name,accuracy,f1,prevalence\n", "holds no rows"),
        ("a.csv", "", "holds no rows"),
        ("a.json", "[]", "holds no rows"),
        ("a.csv", "name;accuracy;f1;prevalence\nx;0,73;.5;.42\n", "a decimal comma is not read, write 0.73"),
        ("a.csv", "name,accuracy,f1,prevalence\nx,0,73,.5,.42\n", "row 1 has more values"),
    ],
)
def test_what_keeps_a_file_from_being_checked_is_told(call, tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    answer = call("check-table", tmp_path / name)
    assert answer.code == 2
    assert said in answer.err
    assert "is a folder" in call("check-table", tmp_path).err
    assert f"did you mean '{name}'" in call("check-table", tmp_path / f"a{name}").err


def test_more_digits_than_are_claimed_are_refused(call) -> None:
    answer = call("check-table", "--accuracy", ".73", "--f1", ".5", "--prevalence", ".42", "--digits", 1)
    assert answer.code == 2
    assert "accuracy is .73: as a share it shows 2 digits, and 1 are claimed" in answer.err
