"""The recipes of the study's cells as files: recipes/paper holds the paper's, recipes/beyond what it left for later."""

from pathlib import Path

from hatetinyllm.studies.cells import CELLS
from hatetinyllm.studies.recipes import folder_of, recipe_text
from hatetinyllm.studies.reproduce import sections_of


def recipe_pages(recipes: Path) -> dict[Path, str]:
    """Every file and its text."""
    return {recipes / folder_of(cell) / f"{cell.name}.toml": recipe_text(cell, sections_of(cell)) for cell in CELLS.values()}


def strange_recipes(recipes: Path) -> list[Path]:
    """Files of these folders that are no cell's, as one that was renamed leaves behind."""
    known = recipe_pages(recipes)
    folders = {path.parent for path in known}
    return sorted(path for folder in folders for path in folder.glob("*") if path not in known)
