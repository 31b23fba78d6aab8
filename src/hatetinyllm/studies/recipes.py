"""
A cell as a recipe in full: every option at its value, and beside it who chose it, the paper or we.

`recipes/` is written from here by `make docs`; `reproduce` does not read that folder.
"""

from collections.abc import Iterator, Mapping, Sequence

from hatetinyllm.config.recipe import Section, resolve, to_toml
from hatetinyllm.config.signature import read_options
from hatetinyllm.models.card import card_of
from hatetinyllm.studies.cells import FIRST_SEED, LEAK_FREE, Cell, chosen_by, given_of

COLUMN = 40  # where the comments begin


def folder_of(cell: Cell) -> str:
    """The folder below `recipes/` that holds the cell's file."""
    return "beyond" if cell.beyond else "paper"


def recipe_text(cell: Cell, sections: Mapping[str, Section]) -> str:
    """The cell's recipe as TOML, opened by the command that follows it."""
    recipe = resolve(given_of(cell, "paper", FIRST_SEED), sections)
    blocks = [block.splitlines() for block in to_toml(recipe, sections).split("\n\n")]
    told = ["\n".join(_told(cell, lines, sections)) for lines in blocks]
    return "\n\n".join(["\n".join(_opening(cell)), *told]) + "\n"


def _opening(cell: Cell) -> Iterator[str]:
    place = f"recipes/{folder_of(cell)}/{cell.name}.toml"
    command = "train" if cell.trained else "zero-shot"
    leak_free = " ".join(f"--set {setting}" for setting in LEAK_FREE[cell.dataset])
    yield f"# hatetinyllm {command} {place} --out runs/{cell.name}"
    yield "#"
    yield f"# without leaks:   hatetinyllm {command} {place} --out runs/{cell.name}-leakfree {leak_free}"
    yield f"# both, in tables: hatetinyllm reproduce --cell {cell.name}"
    yield "#"
    card = card_of(cell.model)
    if card and not card.safetensors:
        yield "# The hub holds only pickled weights of this model: model.pickled lets them be read, without running code."
    if card and not card.commercial:
        yield "# Its licence allows no commercial use, and none of what is trained from it."
    if cell.beyond:
        yield "# The paper has no such cell; what it states of its own cells is kept here."
    yield "# Beside each value stands who chose it: the paper, or we where it says nothing. Made by `make docs`; do not edit."


def _told(cell: Cell, lines: Sequence[str], sections: Mapping[str, Section]) -> Iterator[str]:
    """The lines of one section, each with who chose it and what it does; what has no value stands as a comment."""
    section = lines[0].strip("[]")
    values = dict(line.split(" = ", maxsplit=1) for line in lines[1:])
    place = sections[section]
    yield lines[0]
    if not isinstance(place, str):
        yield _commented(f"name = {values['name']}", _who(cell, section, "name"))
        place = place[values["name"].strip('"')]
    for option in read_options(place):
        told = _who(cell, section, option.name, option.help)
        shared = section == "split" and option.name == "parts" and option.name not in given_of(cell, "paper", 0)["split"]
        if option.name not in values:
            yield _commented(f"# {option.name} =", f"none; {told}")
        elif shared:  # not every way to part has this option, and the leak-free one takes this one's place
            yield _commented(f"# {option.name} = {values[option.name]}", told)
        else:
            yield _commented(f"{option.name} = {values[option.name]}", told)


def _who(cell: Cell, section: str, option: str, help: str = "") -> str:
    """Who chose a value, what it does, and why it was chosen."""
    who, _, why = chosen_by(cell).get((section, option), "ours").partition(": ")
    return (f"{who}: {help}" if help else who) + (f" ({why})" if why else "")


def _commented(line: str, comment: str) -> str:
    return f"{line:<{COLUMN}}  # {comment}"
