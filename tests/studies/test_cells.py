"""The cells: as many as the paper's tables have, each with the paper's numbers, and both of its splits."""

import pytest

from hatetinyllm.config.recipe import resolve
from hatetinyllm.errors import UnknownName
from hatetinyllm.studies.cells import (
    BEYOND_CELLS,
    CELLS,
    PAPER_CELLS,
    SPLIT_NAMES,
    Cell,
    choose_cells,
    chosen_by,
    given_of,
    seeds_of,
    values_of,
    wrong_settings,
)
from hatetinyllm.studies.paper import METHOD, RESULTS
from hatetinyllm.studies.reproduce import sections_of


def test_every_figure_of_the_papers_tables_of_results_has_its_cell() -> None:
    printed = {
        Cell(model=model, method=METHOD[table], dataset=dataset).name
        for table, rows in RESULTS.items()
        for model, row in rows.items()
        for dataset in row
    }
    assert {cell.name for cell in PAPER_CELLS} == printed
    assert len(PAPER_CELLS) == 20
    assert "opt-1.3b-lora-dynahate" in CELLS


def test_beyond_the_paper_the_same_is_asked_of_spanish() -> None:
    assert {cell.name.removesuffix("-es") for cell in BEYOND_CELLS} == {
        cell.name for cell in PAPER_CELLS if cell.dataset == "hateval"
    }
    assert values_of(BEYOND_CELLS[0])["data"] == {"name": "hateval", "language": "es"}


def test_a_lora_cell_has_the_numbers_of_table_iv() -> None:
    values = values_of(CELLS["phi-2-lora-hateval"])
    assert values["tuning"] == {"name": "lora", "rank": 2, "alpha": 16, "dropout": 0.05, "layers": ["k_proj", "v_proj"]}
    assert {key: values["train"][key] for key in ("epochs", "batch_size", "weight_decay")} == {
        "epochs": 3,
        "batch_size": 8,
        "weight_decay": 0.001,
    }
    assert values_of(CELLS["phi-2-houlsby-hateval"])["train"]["epochs"] == 5


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_every_cell_can_be_followed_on_both_splits(cell: Cell) -> None:
    for split in SPLIT_NAMES:
        recipe = resolve(given_of(cell, split, 7), sections_of(cell))
        assert recipe["split"].options["seed"] == 7
        assert recipe["split"].options["test_share"] == 0.2
        assert (recipe["split"].name == "random") == (split == "paper")
        assert cell.trained == ("train" in recipe.sections)


def test_what_is_said_of_a_value_is_said_of_an_option_of_the_recipe() -> None:
    for cell in CELLS.values():
        recipe = resolve(given_of(cell, "paper", 1), sections_of(cell))
        for section, option in chosen_by(cell):
            assert option == "name" or option in recipe[section].options, (cell.name, section, option)


def test_the_english_and_the_spanish_rows_are_those_of_the_train_file_alone() -> None:
    for name in ("opt-1.3b-lora-hateval", "opt-1.3b-lora-hateval-es"):
        for split in SPLIT_NAMES:
            assert given_of(CELLS[name], split, 1)["split"]["parts"] == ["train"]


def test_a_seed_moves_the_split_and_the_training() -> None:
    first, second = (given_of(CELLS["opt-1.3b-lora-dynahate"], "paper", seed) for seed in (1, 2))
    differing = {(section, key) for section in first for key in first[section] if first[section][key] != second[section][key]}
    assert differing == {("split", "seed"), ("train", "seed")}


def test_a_net_that_learns_nothing_is_judged_once_on_a_part_that_never_changes() -> None:
    asked, learnt = CELLS["phi-2-zero-shot-dynahate"], CELLS["phi-2-lora-dynahate"]
    assert [len(seeds_of(asked, split, 5)) for split in SPLIT_NAMES] == [5, 1]
    assert [len(seeds_of(learnt, split, 5)) for split in SPLIT_NAMES] == [5, 5]
    assert len(seeds_of(CELLS["phi-2-zero-shot-hateval"], "leakfree", 5)) == 5


def test_examples_that_are_shown_are_drawn_anew_with_every_seed() -> None:
    asked, learnt = CELLS["phi-2-zero-shot-dynahate"], CELLS["phi-2-lora-dynahate"]
    first, last = ('zero_shot.prompts=["few-shot", "plain"]', 'zero_shot.prompts=["plain", "few-shot"]')
    for setting, runs in (("zero_shot.shots=4", 5), ("zero_shot.shots=0", 1), (first, 5), (last, 1), ("zero_shot.prompts=1", 1)):
        assert len(seeds_of(asked, "leakfree", 5, [setting])) == runs, setting
    shown = resolve(given_of(asked, "leakfree", 44, ["zero_shot.shots=4"]), sections_of(asked))["zero_shot"].options
    assert (shown["shots"], shown["shot_seed"]) == (4, 44)
    assert "zero_shot" not in given_of(learnt, "leakfree", 44)


def test_what_a_row_is_called_by_and_every_seed_are_refused() -> None:
    named = ["model.name", "tuning.name", "data.name", "data.language", "split.name", "split.parts", "split.test_share"]
    seeds = ["split.seed", "train.seed", "sample.seed", "zero_shot.shot_seed"]
    problems = wrong_settings([f" {place} = 1" for place in (*named, *seeds)])
    assert [problem.split(":")[0] for problem in problems] == [f"--set {place}" for place in (*named, *seeds)]
    assert all("--seeds" in problem for problem in problems[len(named) :])
    assert wrong_settings(["train.epochs=1", "model.pickled=true", "text.max_tokens=64", "split.dev_share=0.1"]) == []


def test_a_stand_in_takes_the_place_of_the_data_alone() -> None:
    cell = CELLS["opt-1.3b-lora-hateval"]
    assert given_of(cell, "leakfree", 1, stand_in=True)["data"]["name"] == "demo"
    assert resolve(given_of(cell, "leakfree", 1, stand_in=True), sections_of(cell))["split"].name == "grouped"


@pytest.mark.parametrize(("table", "count"), [("VI", 8), ("VII", 6), ("VIII", 6), ("IV", 6), ("V", 6), ("all", 20)])
def test_a_table_has_its_cells(table: str, count: int) -> None:
    assert len(choose_cells((), table)) == count


def test_cells_are_chosen_by_name_and_beyond_the_paper_only_if_asked() -> None:
    assert [cell.name for cell in choose_cells(["phi-2-lora-hateval-es"])] == ["phi-2-lora-hateval-es"]
    assert len(choose_cells(beyond=True)) == 30
    assert len(choose_cells(table="VIII", beyond=True)) == 9


def test_unknown_words_are_told_with_the_nearest_right_one() -> None:
    with pytest.raises(UnknownName) as told:
        choose_cells(["opt-1.3b-lora-dynhate", "phi-2-lora-hateval", "phi2-lora-hateval"])
    assert len(told.value.problems) == 2
    assert "did you mean 'opt-1.3b-lora-dynahate'" in told.value.problems[0]
    with pytest.raises(UnknownName, match="VIIII"):
        choose_cells(table="VIIII")
