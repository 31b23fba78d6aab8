"""Settings of the paper beside ours, and what it leaves out, read from the recipes that were followed."""

from dataclasses import replace

from hatetinyllm.reporting.table import Table
from hatetinyllm.studies.cell import CellResult
from hatetinyllm.studies.settings import chosen, of_method, settings_table
from hatetinyllm.types import Result

RESULT = Result(
    name="test",
    head="hate",
    positive="hate",
    rows=4,
    prevalence=0.5,
    threshold=0.5,
    metrics={"accuracy": 0.75},
    confusion={"not_hate": {"not_hate": 1, "hate": 1}, "hate": {"not_hate": 0, "hate": 2}},
)
LORA = CellResult(
    model="phi-2",
    method="lora",
    dataset="dynahate",
    split="paper",
    seed=42,
    results=(RESULT,),
    recipe={
        "split": {"name": "random", "seed": 42, "test_share": 0.2},
        "text": {"max_tokens": 128, "prompt": ""},
        "tuning": {"name": "lora", "rank": 2, "alpha": 16, "dropout": 0.05, "layers": ("k_proj", "v_proj")},
        "train": {"epochs": 3, "batch_size": 8, "learning_rate": 0.0002, "weight_decay": 0.001, "precision": "fp32"},
    },
    learning=660_480,
    weights=2_649_221_120,
    seconds=3780.0,
)
HOULSBY = replace(
    LORA,
    method="houlsby",
    recipe={"tuning": {"name": "houlsby", "bottleneck": 64, "blocks": "all"}, "train": {"epochs": 5, "batch_size": 8}},
)


def row(table: Table, name: str) -> dict[str, str]:
    (found,) = [one for one in table.rows if one[0].text == name]
    places = [f"{column.group} {column.name}".strip() for column in table.columns]
    return dict(zip(places, (one.text for one in found), strict=True))


def said(number: str, *cells: CellResult) -> dict[str, str]:
    (notes,) = chosen(number, cells)
    return dict(line.split(": ", maxsplit=1) for line in notes.lines)


def test_the_paper_and_ours_stand_side_by_side() -> None:
    table = settings_table("IV", [LORA])
    assert row(table, "layers")["phi-2 paper"] == row(table, "layers")["phi-2 ours"] == "k_proj, v_proj"
    assert row(table, "r")["phi-2 ours"] == "2"
    assert row(table, "trainable weights")["phi-2 paper"] == "0.02 %"
    assert row(table, "trainable weights")["phi-2 ours"] == "0.0249 % (660,480)"
    assert row(table, "training time")["phi-2 ours"] == "63 min"
    assert row(table, "epochs")["TinyLlama ours"] == "–"


def test_different_values_are_all_shown_and_times_as_a_range() -> None:
    other = replace(LORA, dataset="hateval", seconds=60.0, recipe={**LORA.recipe, "train": {"epochs": 1}})
    table = settings_table("IV", [LORA, other])
    assert row(table, "epochs")["phi-2 ours"] == "3 / 1"
    assert row(table, "training time")["phi-2 ours"] == "60 s to 63 min"


def test_the_adapters_of_table_v_are_told_in_words() -> None:
    assert row(settings_table("V", [HOULSBY]), "adapter layers added")["phi-2 ours"] == "2 in every block"


def test_what_the_paper_leaves_out_is_read_from_the_recipe() -> None:
    found = said("VIII", LORA, replace(LORA, seed=43, split="leakfree", recipe={**LORA.recipe, "split": {"name": "grouped"}}))
    assert found["split"] == "random (test_share 0.2) / grouped"
    assert found["seeds"] == "42 / 43"
    assert found["learning rate, at its highest"] == "0.0002"
    assert found["greatest length, in tokens"] == "128"
    assert found["prompt"] == "none"
    assert found["precision"] == "fp32"
    assert found["labels"] == "not_hate, hate; hate from a score of 0.5 on"


def test_what_the_paper_states_is_not_called_our_choice() -> None:
    assert not {"epochs", "batch size", "weight decay"} & said("VIII", LORA).keys()
    adapters = said("VII", HOULSBY)
    assert adapters["batch size"] == "8"
    assert "epochs" not in adapters
    assert "batch size" in adapters["The paper does not say"]
    assert "batch size" not in said("VIII", LORA)["The paper does not say"]


def test_how_a_net_that_learns_nothing_was_asked_is_told() -> None:
    asked = {"prompts": ["plain", "definition"], "shots": 0, "calibrate": True, "generate": False, "precision": "bf16"}
    found = said("VI", replace(LORA, method="zero-shot", recipe={"zero_shot": asked, "text": {"max_tokens": 256}}))
    assert found["prompts, the first for the headline"] == "plain, definition"
    assert found["calibrated too"] == "yes"
    assert found["generated answers too"] == "no"
    assert found["precision"] == "bf16"
    assert "the learning rate" not in found["The paper does not say"]


def test_a_table_without_cells_says_so() -> None:
    assert said("VI")["Ours"] == "no cell of this table was run yet."


def test_cells_are_sorted_into_their_tables_by_seed() -> None:
    later = replace(LORA, seed=41)
    assert of_method("VIII", [LORA, HOULSBY, later]) == [later, LORA]
    assert of_method("VII", [LORA, HOULSBY]) == [HOULSBY]
