"""Bundles judged on other data: each pair kept, none judged twice, and a matrix that says whose own test is whose."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.errors import UnknownName
from hatetinyllm.studies.cross import Crossed, Failed, Pair, judge_pairs, matrix_tables, pairs, read_crossed


@pytest.fixture(scope="module")
def across(finished) -> Iterator[list[object]]:
    """What came of judging every pair once."""
    shutil.rmtree(finished.out / "cross", ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HATETINYLLM_MODELS", str(finished.out / "tiny-models"))
        yield list(judge_pairs(pairs(finished.out, finished.cells), finished.grid))


@pytest.fixture
def wanted(finished, across) -> tuple[Pair, ...]:
    return pairs(finished.out, finished.cells)


def test_every_trained_net_meets_every_other_dataset(wanted) -> None:
    assert [(pair.cell.name, pair.on) for pair in wanted] == [
        ("tinyllama-lora-dynahate", "hateval"),
        ("tinyllama-lora-dynahate", "hateval-es"),
        ("tinyllama-lora-hateval", "dynahate"),
        ("tinyllama-lora-hateval", "hateval-es"),
    ]


def test_a_pair_is_judged_on_the_others_test_part_and_kept(finished, across, wanted) -> None:
    assert [type(event) for event in across] == [Pair, Crossed] * 4
    first = across[1]
    assert (first.cell, first.on, first.split, first.seed) == ("tinyllama-lora-dynahate", "hateval", "paper", 42)
    own = next(cell for cell in finished.cells if (cell.method, cell.dataset) == ("lora", "hateval"))
    assert first.result.rows + first.seen == own.headline.rows, "the column's rows are those its own cell was judged on"
    assert read_crossed(wanted[0]) == first


def test_what_is_kept_is_not_judged_again_and_what_is_damaged_is(finished, wanted) -> None:
    assert list(judge_pairs(wanted, finished.grid)) == []
    before = wanted[1].kept.read_text()
    wanted[1].kept.write_text("{")
    assert [event.on for event in judge_pairs(wanted, finished.grid) if isinstance(event, Crossed)] == ["hateval-es"]
    assert wanted[1].kept.read_text() == before


def test_other_rows_are_judged_again_and_rows_that_are_not_here_leave_what_is_kept(finished, wanted, tmp_path: Path) -> None:
    content = json.loads(wanted[0].kept.read_text())
    pair = replace(wanted[0], kept=tmp_path / "kept.json")
    content["judgement"]["rows"] = "of other rows"
    pair.kept.write_text(json.dumps(content))
    elsewhere = replace(finished.grid, stand_ins=())
    assert list(judge_pairs([pair], elsewhere)) == [], "HatEval is not here, and consent was not given"
    assert [type(event) for event in judge_pairs([pair], finished.grid)] == [Pair, Crossed]
    assert read_crossed(pair) == read_crossed(wanted[0])
    assert list(judge_pairs([pair], finished.grid)) == []


def test_the_matrix_tells_of_made_up_rows_samples_and_changes(finished, wanted) -> None:
    (told,) = [notes.lines for notes in matrix_tables(finished.out, finished.cells)[0].notes]
    assert "on HatEval, Spanish: made-up rows of the demo stand in for hateval-es" in told
    assert "changed by --set: train.batch_size = 32" in told
    assert any("a sample of" in line for line in told)


def test_a_bundle_that_was_made_anew_is_judged_anew(wanted, tmp_path: Path) -> None:
    content = json.loads(wanted[0].kept.read_text())
    content["judgement"]["identity"] = "sha256:of another bundle"
    (tmp_path / "kept.json").write_text(json.dumps(content))
    assert read_crossed(replace(wanted[0], kept=tmp_path / "kept.json")) is None


def test_a_pair_that_fails_leaves_the_others_alone(finished, wanted, tmp_path: Path) -> None:
    broken = replace(wanted[0], bundle=tmp_path / "none", kept=tmp_path / "none.json")
    found = list(judge_pairs([broken, replace(wanted[2], kept=tmp_path / "again.json")], finished.grid))
    assert [type(event) for event in found] == [Pair, Failed, Pair, Crossed]
    assert "there is no bundle" in found[1].error[0]
    assert not broken.kept.exists()


def test_the_matrix_has_the_own_test_part_in_brackets(finished, wanted) -> None:
    tables = matrix_tables(finished.out, finished.cells)
    words = [table.title.partition("Across datasets: ")[2].split(",")[0] for table in tables]
    assert words == ["accuracy", "F1 of hate", "macro-F1"]
    assert all(table.warning for table in tables)
    heading, dyna, hat = ([cell.text for cell in row] for row in tables[0].rows)
    assert heading == ["TinyLlama, lora"]
    assert [cell.name for cell in tables[0].columns][1:] == ["on DynaHate", "on HatEval, English", "on HatEval, Spanish"]
    assert [shown.startswith("[") for shown in dyna[1:]] == [True, False, False]
    assert [shown.startswith("[") for shown in hat[1:]] == [False, True, False]
    assert not [shown for shown in (*dyna, *hat) if shown == "–"]


def test_without_judgements_there_is_no_matrix(finished, tmp_path: Path) -> None:
    assert matrix_tables(tmp_path, finished.cells) == ()


def test_one_more_dataset_can_be_named_and_unknown_ones_are_told(finished) -> None:
    assert [pair.on for pair in pairs(finished.out, finished.cells[:1], ["demo"])] == ["hateval", "hateval-es", "demo"]
    with pytest.raises(UnknownName, match="did you mean 'davidson'"):
        pairs(finished.out, finished.cells, ["davidsson"])
    with pytest.raises(UnknownName, match="anyway"):
        pairs(finished.out, finished.cells, ["dynahate"])


def test_a_dataset_that_is_no_cells_is_judged_on_its_official_test_part(finished, wanted, tmp_path: Path) -> None:
    extra = replace(wanted[0], on="demo", kept=tmp_path / "demo.json")
    (judgement,) = [event for event in judge_pairs([extra], finished.grid) if isinstance(event, Crossed)]
    assert judgement.result.rows + judgement.seen == 400
