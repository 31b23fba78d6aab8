"""A user's own cases: pleasant to write in TOML or in a table, and all mistakes are told at once with their place."""

from pathlib import Path

import pytest

from hatetinyllm.data.cases import is_file_of_cases, read_cases
from hatetinyllm.errors import TableError

GOOD = """
name = "our forum"
bar = 0.8

[[function]]
name = "contempt"
description = "people are worth less"
label = "hate"
cases = ["They are all useless.", { text = "They are worth less.", group = "women", id = "w1" }]

[[function]]
name = "denied"
bar = 1
cases = [{ text = "They are not worth less.", label = "not_hate", group = ["women", "old"], partner = "w1" }]
"""


def written(folder: Path, text: str, name: str = "cases.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(TableError) as told:
        read_cases(path)
    return told.value.problems


def test_functions_cases_bars_and_partners_are_read(tmp_path: Path) -> None:
    suite = read_cases(written(tmp_path, GOOD))
    assert [(one.name, one.description, one.bar) for one in suite.functions] == [
        ("contempt", "people are worth less", 0.8),
        ("denied", "", 1.0),
    ]
    first, second, third = suite.cases
    assert [case.label for case in suite.cases] == ["hate", "hate", "not_hate"]
    assert (second.id, second.mentions, second.partners) == ("w1", ("women",), (third.id,))
    assert (third.mentions, third.partners, third.slice) == (("women", "old"), ("w1",), "denied")
    assert first.id.startswith("contempt-")
    assert suite.name == "our forum"


def test_a_case_keeps_its_name_when_another_is_put_before_it(tmp_path: Path) -> None:
    before = read_cases(written(tmp_path, GOOD)).cases[0]
    after = read_cases(written(tmp_path, GOOD.replace('cases = ["They', 'cases = ["New.", "They'))).cases[1]
    assert before == after


@pytest.mark.parametrize(("name", "sign"), [("cases.csv", ","), ("cases.tsv", "\t"), ("cases.csv", ";")])
def test_a_table_has_a_case_a_row(tmp_path: Path, name: str, sign: str) -> None:
    rows = [
        ("function", "label", "text", "id", "partner", "group", "remark"),
        ("contempt", "hateful", "They are worth less.", "1", "", "women", "old"),
        ("denied", "non-hateful", "They are not worth less.", "2", "1", "", ""),
    ]
    suite = read_cases(written(tmp_path, "\n".join(sign.join(row) for row in rows), name))
    assert [(case.id, case.label, case.slice, case.partners) for case in suite.cases] == [
        ("1", "hate", "contempt", ("2",)),
        ("2", "not_hate", "denied", ("1",)),
    ]
    assert (suite.name, [function.name for function in suite.functions]) == ("cases", ["contempt", "denied"])


def test_json_lines_are_read_too(tmp_path: Path) -> None:
    lines = '{"text": "One.", "label": "hate", "function": "f", "group": ["women", "old"]}\n'
    assert read_cases(written(tmp_path, lines, "cases.jsonl")).cases[0].mentions == ("women", "old")


def test_all_mistakes_of_a_toml_file_are_told_at_once(tmp_path: Path) -> None:
    text = """
nmae = "x"
bar = 80
[[function]]
name = "one"
lable = "hate"
cases = ["A text.", { text = "", label = "hate" }, { text = "B.", label = "hat" }, { text = "C.", label = "hate", gruop = "w" }]
[[function]]
cases = [{ text = "A text.", label = "hate", id = "x", partner = "y" }, { text = "D.", label = "hate", id = "x", partner = "x" }]
[[function]]
name = "one"
description = 3
cases = []
"""
    found = problems_of(written(tmp_path, text))
    assert list(found) == [
        "the file: unknown key 'nmae' (did you mean 'name'?)",
        "the file: bar is the share of cases that must pass, from 0 to 1, got 80",
        "function 1 ('one'): unknown key 'lable' (did you mean 'label'?)",
        "function 1 ('one'), case 4: unknown key 'gruop' (did you mean 'group'?)",
        "function 2: it has no name",
        "function 3 ('one'): description is a text, got 3",
        "function 3 ('one'): it has no cases",
        "two functions are named 'one'",
        "function 1 ('one'), case 1: no label (known: hate, not_hate)",
        "function 1 ('one'), case 2: no text",
        "function 1 ('one'), case 3: label 'hat' is unknown (known: hate, not_hate)",
        "function 2, case 1: the same text stands at function 1 ('one'), case 1",
        "function 2, case 2: id 'x' is taken by function 2, case 1",
        "function 2, case 1: there is no case 'y' to be its partner",
        "function 2, case 2: it is its own partner",
    ]


def test_all_mistakes_of_a_table_are_told_with_their_lines(tmp_path: Path) -> None:
    text = "text,label,function,id,partner\nA.,hate,f,1,9\n,hate,f,2,\nB.,1,f,3,\nC.,hate,,4,\nD.,hate\nA.,hate,f,5,\n"
    assert list(problems_of(written(tmp_path, text, "cases.csv"))) == [
        "line 6: wrong number of cells: 2, expected 5",
        "line 5: no function",
        "line 3: no text",
        "line 4: label '1' is unknown (known: hate, not_hate)",
        "line 7: the same text stands at line 2",
        "line 2: there is no case '9' to be its partner",
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("cases.toml", "name = ", "no TOML"),
        ("cases.toml", 'name = "x"', "no function"),
        ("cases.toml", "function = 3", "no function"),
        ("cases.csv", "text,lable,function\nA,hate,f\n", "did you mean 'lable'"),
        ("cases.csv", "text,label,function\n", "no cases"),
        ("cases.toml", '[[function]]\nname = "f"\ncases = [3]', "no text"),
        ("cases.toml", '[[function]]\nname = "f"\nlabel = "hate"\ncases = [{ text = "A.", group = true }]', "group is a word"),
    ],
)
def test_files_that_are_no_cases_are_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    assert any(said in problem for problem in problems_of(written(tmp_path, text, name)))


def test_a_text_never_stands_in_an_error(tmp_path: Path) -> None:
    text = "A rather long sentence that stands in the wrong place."
    found = problems_of(written(tmp_path, f"text,label,function,partner\nB.,{text},f,{text}\n", "cases.csv"))
    assert len(found) == 2
    assert not any("sentence" in problem for problem in found)


def test_a_file_that_is_not_there_is_told_with_the_nearest_and_the_way_to_begin(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "cases.toml")
    with pytest.raises(TableError, match=r"did you mean 'cases\.toml'") as told:
        read_cases(tmp_path / "casse.toml")
    assert "--init" in told.value.problems[0]
    with pytest.raises(TableError, match="is a folder"):
        read_cases(tmp_path)
    with pytest.raises(TableError, match="ends in"):
        read_cases(written(tmp_path, "x", "cases.xlsx"))


def test_a_word_is_a_file_where_it_looks_like_one() -> None:
    assert all(map(is_file_of_cases, ("cases.toml", "a/b", "cases.csv", "x.jsonl.gz")))
    assert not any(map(is_file_of_cases, ("hatecheck", "multilingual-hatecheck")))
