"""
The grid in small: tiny nets of random weights in place of the models, a few hundred rows, a few steps.

It shows that every cell runs, stops, goes on and lands in its table. Its figures mean nothing, and every page says so.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from hatetinyllm.data.cache import cache_folder, inside
from hatetinyllm.data.dataset import card_of, load_dataset
from hatetinyllm.errors import DataError
from hatetinyllm.folder import written_whole
from hatetinyllm.models.card import card_of as model_card_of
from hatetinyllm.models.tiny import write_tiny
from hatetinyllm.studies.cells import DATA, Cell

ROWS = 400
SETTINGS = ("sample.rows={rows}", "text.max_tokens=48", "text.overlap_tokens=8")
LEARNING = ("train.epochs=1", "train.learning_rate=1e-3", "train.save_every=5", "train.device=cpu", "train.threads=1")
ASKING = ("zero_shot.device=cpu",)


def settings_of(cell: Cell, *, rows: int = ROWS) -> tuple[str, ...]:
    """What is laid over a cell's recipe to make it small."""
    return (*(setting.format(rows=rows) for setting in SETTINGS), *(LEARNING if cell.trained else ASKING))


def write_models(folder: Path, names: Iterable[str]) -> None:
    """A tiny checkpoint of each model's architecture, where it is not there yet."""
    for name in names:
        if not (folder / name).is_dir():
            with written_whole(folder / name) as temporary:
                card = model_card_of(name)
                assert card is not None, "the models of the study have cards"
                write_tiny(temporary, card)


def missing_datasets(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The datasets of the study whose rows are not at hand, and why; nothing is downloaded to find out."""
    for name in names:
        options = dict(DATA[name])
        source = str(options.pop("name"))
        card = card_of(source)
        assert card is not None, "the datasets of the study have cards"
        here = any(inside(cache_folder(), file.path).is_file() for file in card.files)
        if not (here or os.environ.get("HATETINYLLM_DATA")):
            yield name, "its files are not here"
            continue
        try:
            load_dataset(source, **options)
        except DataError as error:
            yield name, error.message
