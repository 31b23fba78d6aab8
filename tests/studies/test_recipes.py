"""A cell's recipe as a file: it opens with its command, states every option, says who chose it, and can be followed."""

import tomllib
from pathlib import Path

import pytest

from hatetinyllm.config.recipe import resolve, with_settings
from hatetinyllm.studies.cells import CELLS, LEAK_FREE, Cell, given_of
from hatetinyllm.studies.recipes import folder_of, recipe_text
from hatetinyllm.studies.reproduce import sections_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_the_file_is_the_recipe_that_reproduce_follows(cell: Cell) -> None:
    text = recipe_text(cell, sections_of(cell))
    sections = sections_of(cell)
    assert resolve(tomllib.loads(text), sections) == resolve(given_of(cell, "paper", 42), sections)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_the_settings_it_names_make_it_leak_free(cell: Cell) -> None:
    text, sections = recipe_text(cell, sections_of(cell)), sections_of(cell)
    settings = LEAK_FREE[cell.dataset]
    assert all(f"--set {setting}" in text for setting in settings)
    overlaid = resolve(with_settings(tomllib.loads(text), settings), sections)
    assert overlaid == resolve(given_of(cell, "leakfree", 42), sections)


def test_it_opens_with_the_command_that_follows_it() -> None:
    cell = CELLS["opt-1.3b-lora-dynahate"]
    first = recipe_text(cell, sections_of(cell)).splitlines()[0]
    assert first == "# hatetinyllm train recipes/paper/opt-1.3b-lora-dynahate.toml --out runs/opt-1.3b-lora-dynahate"
    asked = CELLS["phi-2-zero-shot-hateval-es"]
    assert recipe_text(asked, sections_of(asked)).startswith(
        "# hatetinyllm zero-shot recipes/beyond/phi-2-zero-shot-hateval-es.toml"
    )


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_every_option_says_who_chose_it(cell: Cell) -> None:
    lines = [
        line for line in recipe_text(cell, sections_of(cell)).splitlines() if " = " in line and not line.startswith("# hate")
    ]
    assert len(lines) > 20
    assert all("  # paper, " in line or "  # ours" in line or "  # none; ours" in line for line in lines)


def test_the_numbers_of_table_iv_are_the_papers_and_the_learning_rate_is_ours() -> None:
    cell = CELLS["tinyllama-lora-hateval"]
    marks = {
        line.split(" = ")[0]: line.split("  # ")[1] for line in recipe_text(cell, sections_of(cell)).splitlines() if " = " in line
    }
    for option in ("rank", "alpha", "dropout", "epochs", "batch_size", "weight_decay"):
        assert marks[option].startswith("paper, Table IV"), option
    for option in ("learning_rate", "max_tokens", "seed", "dev_share", "precision", "warmup_share"):
        assert marks[option].startswith("ours"), option


def test_a_model_with_pickled_weights_says_how_they_are_read() -> None:
    texts = {name: recipe_text(cell, sections_of(cell)) for name, cell in CELLS.items()}
    assert {name for name, text in texts.items() if "pickled = true" in text} >= {"opt-1.3b-lora-dynahate"}
    assert "pickled = true" not in texts["phi-2-lora-dynahate"]


def test_the_folder_of_recipes_holds_every_cell_and_nothing_else() -> None:
    expected = {f"{folder_of(cell)}/{name}.toml" for name, cell in CELLS.items()}
    others = ("builtin", "distributed", "sweeps")  # not of cells
    theirs = {folder for folder in (ROOT / "recipes").iterdir() if folder.name not in others}
    assert {str(path.relative_to(ROOT / "recipes")) for folder in theirs for path in folder.rglob("*.*")} == expected
