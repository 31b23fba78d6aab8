"""The paper beside ours: every figure in its place, what is missing shown and counted, what cannot be marked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from hatetinyllm.metrics.interval import bootstrap
from hatetinyllm.reporting.page import to_html
from hatetinyllm.reporting.table import Row, Table, to_markdown
from hatetinyllm.studies import paper
from hatetinyllm.studies.cell import CellResult
from hatetinyllm.studies.tables import checked, make_tables, readings_table, results_table, run_in_words
from hatetinyllm.types import Result


def result(tn: int, fp: int, fn: int, tp: int, name: str = "test") -> Result:
    rows = tn + fp + fn + tp
    f1, other = 2 * tp / (2 * tp + fp + fn), 2 * tn / (2 * tn + fp + fn)
    return Result(
        name=name,
        head="hate",
        positive="hate",
        rows=rows,
        prevalence=(fn + tp) / rows,
        threshold=0.5,
        metrics={"accuracy": (tn + tp) / rows, "f1_hate": f1, "f1_not_hate": other, "macro_f1": (f1 + other) / 2, "auroc": 0.8},
        confusion={"not_hate": {"not_hate": tn, "hate": fp}, "hate": {"not_hate": fn, "hate": tp}},
    )


def cell(*results: Result, **changed: object) -> CellResult:
    first = CellResult(
        model="opt-1.3b",
        method="lora",
        dataset="dynahate",
        split="paper",
        seed=42,
        results=results or (result(390, 70, 100, 440),),
    )
    return replace(first, **changed)  # type: ignore[arg-type]


def section(table: Table, beginning: str) -> list[Row]:
    """The rows below a heading."""
    found: list[Row] = []
    inside = False
    for row in table.rows:
        if len(row) == 1:
            inside = row[0].text.startswith(beginning)
        elif inside:
            found.append(row)
    return found


def texts(rows: Sequence[Row], name: str) -> list[str]:
    (row,) = [row for row in rows if row[0].text == name]
    return [one.text for one in row]


def lines(table: Table, title: str) -> tuple[str, ...]:
    return next((notes.lines for notes in table.notes if notes.title == title), ())


def test_paper_ours_difference_and_interval_stand_side_by_side() -> None:
    table = results_table("VIII", [cell()])
    names = [f"{column.group} {column.name}".strip() for column in table.columns]
    row = dict(zip(names, texts(section(table, "DynaHate, parted at random"), "opt-1.3b"), strict=True))
    low, high = bootstrap([[390, 70], [100, 440]], "accuracy", 0)
    assert row["accuracy paper"] == ".82"
    assert row["accuracy ours"] == ".830"
    assert row["accuracy difference"] == "+.010"
    assert row["accuracy 95 % interval"] == f"[{low:.3f}, {high:.3f}]".replace("0.", ".")
    assert row["F1 of hate paper"] == ".83"
    assert row["F1 of hate ours"] == ".838"
    assert row["seeds"] == "1"
    assert row["macro-F1 ours"] == ".830"
    assert "1,000 rows judged, 54.0 % hate" in table.rows[0][0].text


def test_the_leak_free_split_stands_in_the_same_table() -> None:
    table = results_table("VIII", [cell(), cell(result(300, 160, 200, 340), split="leakfree")])
    row = texts(section(table, "DynaHate, leak-free"), "opt-1.3b")
    assert ".640" in row
    assert "−.180" in row


def test_several_seeds_give_mean_spread_and_the_interval_of_one_test_part() -> None:
    runs = [result(380, 80, 100, 440), result(400, 60, 100, 440), result(390, 70, 100, 440)]
    table = results_table("VIII", [cell(one, seed=42 + number) for number, one in enumerate(runs)])
    names = [f"{column.group} {column.name}".strip() for column in table.columns]
    row = dict(zip(names, texts(section(table, "DynaHate, parted at random"), "opt-1.3b"), strict=True))
    low, high = bootstrap([[390, 70], [100, 440]], "accuracy", 0)
    assert row["seeds"] == "3"
    assert row["accuracy ours"] == ".830"
    assert row["accuracy sd (range)"] == ".008 (.820 to .840)"
    assert row["accuracy 95 % interval"] == f"[{low:.3f}, {high:.3f}]".replace("0.", ".")
    assert any("averaged over the seeds" in line for line in lines(table, "How to read it"))


def test_what_was_not_run_is_a_dash_and_counted() -> None:
    table = results_table("VIII", [cell()])
    assert texts(section(table, "HatEval, parted"), "phi-2") == ["phi-2", "–", ".79", "–", "–", "–", ".78", "–", "–", "–", "–"]
    assert lines(table, "How to read it")[0].startswith("1 of 12 places are filled: the paper's 6 cells, each on 2 splits")
    assert run_in_words([cell(), cell(seed=43), cell(dataset="hateval-es")]) == (
        "1 of 40 cells of tables VI to VIII were run; the others are shown as –.",
    )


def test_an_impossible_cell_is_marked_in_both_figures_with_its_reason() -> None:
    table = results_table("VI", [])
    wrong = [(row[0].text, one.text) for row in table.rows for one in row if one.wrong]
    assert wrong == [("Mistral-7B-v0.1", ".73"), ("Mistral-7B-v0.1", ".16")] * 2  # once a split
    (footnote,) = table.footnotes
    assert "no definition of F1 admits it" in footnote
    assert "Mistral-7B-v0.1, HatEval: impossible" in lines(table, "What the paper's figures imply, if its F1 is of hate")
    assert not [one for row in results_table("VIII", []).rows for one in row if one.wrong]


def test_yardsticks_stand_below_the_models() -> None:
    constant, baseline = result(0, 460, 0, 540, name="always hate"), result(300, 160, 160, 380, name="test, TF-IDF baseline")
    table = results_table("VI", [cell(result(200, 260, 200, 340), constant, baseline, method="zero-shot")])
    rows = section(table, "DynaHate, parted at random")
    assert [row[0].text for row in rows][-3:] == ["TF-IDF", "always hate", "always not"]
    assert ".680" in texts(rows, "TF-IDF")
    assert texts(rows, "always hate")[3:8:4] == [".540", ".701"]
    assert texts(rows, "always not")[3:8:4] == [".460", ".000"]
    unread = section(table, "HatEval, leak-free")
    assert ".592" in texts(unread, "always hate")  # of the whole dataset, where nothing was judged


def test_every_reading_of_a_zero_shot_cell_has_a_row_of_its_own() -> None:
    readings = (result(200, 260, 200, 340, name="plain"), result(260, 200, 200, 340, name="plain, calibrated"))
    assert readings_table([cell(method="zero-shot")]) is None
    table = readings_table([cell(*readings, result(0, 460, 0, 540, name="always hate"), method="zero-shot")])
    assert table is not None
    assert [[one.text for one in row] for row in table.rows[1:]] == [
        ["opt-1.3b", "plain", ".540", ".596", ".531", ".800"],
        ["opt-1.3b", "plain, calibrated", ".600", ".630", ".597", ".800"],
    ]


def test_what_the_note_says_of_the_definitions_is_so() -> None:
    cells = [row["dynahate"] for rows in paper.RESULTS.values() for row in rows.values()]
    fits = {
        name: sum(checked(one, "dynahate").readings[name].feasible for one in cells)
        for name in ("f1_positive", "f1_negative", "macro_f1", "weighted_f1")
    }
    assert fits == {"f1_positive": 10, "f1_negative": 10, "macro_f1": 2, "weighted_f1": 5}
    said = " ".join(lines(results_table("VI", []), "How to read it"))
    assert "fits all its ten cells; macro-F1 fits two of them, weighted F1 five" in said


@pytest.mark.parametrize("number", ["IV", "V", "VI", "VII", "VIII"])
def test_places_where_text_and_table_disagree_are_listed_under_the_table(number: str) -> None:
    (table,) = [one for one in make_tables([]) if one.title.startswith(f"Table {number}:")]
    found = lines(table, "Where the paper's text and its table disagree")
    assert len(found) == sum(number in one.tables for one in paper.DISAGREEMENTS)
    assert found


def test_tiny_nets_are_told_before_any_figure() -> None:
    (table,) = [one for one in make_tables([cell(tiny=True)]) if "Table VIII" in one.title]
    assert table.title.startswith("TINY RANDOM NETS, no results: ")
    for text in (to_markdown(table), to_html("All", [table])):
        assert text.index("the figures mean nothing") < text.index(".830")
    assert "the figures mean nothing" in run_in_words([cell(tiny=True)])[0]
    assert not any(one.warning or "TINY" in one.title for one in make_tables([cell()]))


def test_a_dataset_beyond_the_paper_has_a_section_of_its_own() -> None:
    table = results_table("VIII", [cell(dataset="hateval-es")])
    row = texts(section(table, "hateval-es"), "opt-1.3b")
    assert row[2] == "–"
    assert ".830" in row


def test_all_tables_stand_in_order_and_carry_the_notes_of_their_cells() -> None:
    made = make_tables([cell(notes=("a sample of 100 rows",))])
    assert [one.title.partition(":")[0] for one in made] == ["Table IV", "Table V", "Table VI", "Table VII", "Table VIII"]
    assert ["a sample of 100 rows" in lines(one, "How to read it") for one in made] == [True, False, False, False, True]


def test_a_note_of_some_cells_says_of_which() -> None:
    changed = cell(notes=("changed by --set: train.epochs = 1", "of all"))
    table = results_table("VIII", [changed, cell(model="phi-2", notes=("of all",))])
    said = lines(table, "How to read it")
    assert "opt-1.3b on DynaHate: changed by --set: train.epochs = 1" in said
    assert "of all" in said


def test_readings_tell_of_samples_and_changes_too() -> None:
    table = readings_table([cell(result(1, 2, 3, 4), result(4, 3, 2, 1, name="b"), method="zero-shot", notes=("a sample",))])
    assert table is not None
    assert lines(table, "How to read it") == ("a sample",)


def test_what_the_interval_and_the_difference_do_not_say_is_said() -> None:
    said = " ".join(lines(results_table("VIII", []), "How to read it"))
    assert "Rows are taken as independent: where kin of each other stand in one test part, the interval is too narrow." in said
    assert "Without leaks, the difference is between two test parts" in said
