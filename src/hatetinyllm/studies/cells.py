"""
The cells of the study: which model learns which dataset by which method, and every choice of each.

How a net learns stands in the presets `paper-lora` and `paper-houlsby`; here stand the data, how they are parted, and which
cells there are. Recipes, tables and the command line read it here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hatetinyllm.config.preset import Preset, read_preset
from hatetinyllm.config.recipe import with_settings
from hatetinyllm.errors import UnknownName, did_you_mean
from hatetinyllm.models.card import card_of
from hatetinyllm.studies.paper import METHOD
from hatetinyllm.studies.sections import zero_shot_sections
from hatetinyllm.text.prompt import FEW_SHOT
from hatetinyllm.training.sections import sections

SplitName = Literal["paper", "leakfree"]
SPLIT_NAMES: tuple[SplitName, ...] = ("paper", "leakfree")
FIRST_SEED = 42

MODELS = ("tinyllama", "phi-2", "opt-1.3b", "mistral-7b")
TRAINED_MODELS = MODELS[:3]  # the paper trains no Mistral
METHODS = ("zero-shot", "lora", "houlsby")
DATASETS = ("dynahate", "hateval")
BEYOND_DATASETS = ("hateval-es",)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One place of a table: a model, a method, a dataset."""

    model: str
    method: str
    dataset: str

    @property
    def name(self) -> str:
        """As its recipe's file is called."""
        return f"{self.model}-{self.method}-{self.dataset}"

    @property
    def trained(self) -> bool:
        """Whether it learns anything; the others are asked as they are."""
        return self.method != "zero-shot"

    @property
    def beyond(self) -> bool:
        """Whether the paper has no such cell."""
        return self.dataset in BEYOND_DATASETS


def cells_of(datasets: Sequence[str]) -> tuple[Cell, ...]:
    """Every cell of some datasets, method by method as the tables come."""
    return tuple(
        Cell(model=model, method=method, dataset=dataset)
        for method in METHODS
        for model in (MODELS if method == "zero-shot" else TRAINED_MODELS)
        for dataset in datasets
    )


PAPER_CELLS = cells_of(DATASETS)
BEYOND_CELLS = cells_of(BEYOND_DATASETS)
CELLS: Mapping[str, Cell] = {cell.name: cell for cell in (*PAPER_CELLS, *BEYOND_CELLS)}

DATA: Mapping[str, Mapping[str, Any]] = {
    "dynahate": {"name": "dynahate"},
    "hateval": {"name": "hateval", "language": "en"},
    "hateval-es": {"name": "hateval", "language": "es"},
}
# Where a dataset is not at hand, the demo's made-up rows may stand in for it; other rows for each.
STAND_INS: Mapping[str, Mapping[str, Any]] = {
    dataset: {"name": "demo", "seed": seed} for seed, dataset in enumerate(DATA, start=FIRST_SEED)
}
# The paper names no split. A fifth of the rows is judged; of the rest a twentieth of all rows chooses the best weights.
RANDOM = {"name": "random", "seed": FIRST_SEED, "test_share": 0.2, "dev_share": 0.05}
PARTING: Mapping[str, Mapping[str, Any]] = {
    "dynahate": RANDOM,
    "hateval": {**RANDOM, "parts": ["train"]},
    "hateval-es": {**RANDOM, "parts": ["train"]},
}
# What is laid over a recipe for the split in which no row of test has kin among those learnt from.
LEAK_FREE: Mapping[str, tuple[str, ...]] = {
    "dynahate": ("split.name=official-leakfree",),
    "hateval": ("split.name=grouped",),
    "hateval-es": ("split.name=grouped",),
}
# What a row of a table is called by, beside its data: no setting may be laid over it.
NAMED_BY_CELL = ("model.name", "tuning.name", "split.name", "split.parts", "split.test_share")
PRESETS: Mapping[str, str] = {"lora": "paper-lora", "houlsby": "paper-houlsby"}  # method -> its values, the paper's and ours
# What the paper states beside the presets; whatever stands in neither is our choice.
STATED: Mapping[tuple[str, str], str] = {
    ("data", "name"): "paper, a dataset of its",
    ("model", "name"): "paper, a model of its",
    ("split", "test_share"): "ours, 80/20: the paper names no split",
    ("split", "name"): "ours: the paper names no split",
}

ONLY_PICKLED = "ours: the hub holds only pickled weights of it"


def values_of(cell: Cell) -> dict[str, dict[str, Any]]:
    """What the cell's recipe sets; every other option stands at its default."""
    values: dict[str, Mapping[str, Any]] = {
        "data": DATA[cell.dataset],
        "split": PARTING[cell.dataset],
        "model": {"name": cell.model, **({"pickled": True} if _only_pickled(cell) else {})},
        **_preset_of(cell).values,
    }
    return {section: dict(options) for section, options in values.items()}


def given_of(cell: Cell, split: SplitName, seed: int, settings: Sequence[str] = (), *, stand_in: bool = False) -> dict[str, Any]:
    """The cell's recipe on one of its two splits, begun with a seed; `settings` are laid over it last."""
    values = values_of(cell)
    if stand_in:
        values["data"] = dict(STAND_INS[cell.dataset])
    chosen = [f"split.seed={seed}", f"{'train.seed' if cell.trained else 'zero_shot.shot_seed'}={seed}"]
    if split == "leakfree":
        chosen += LEAK_FREE[cell.dataset]
    return with_settings(values, [*chosen, *settings], sections() if cell.trained else zero_shot_sections())


def seeds_of(cell: Cell, split: SplitName, count: int, settings: Sequence[str] = ()) -> range:
    """The seeds that make a difference: a net that learns nothing, and is shown nothing, is judged once on a fixed test part."""
    same_rows = split == "leakfree" and cell.dataset == "dynahate"
    fixed = same_rows and not cell.trained and not _shows_examples(cell, settings)
    return range(FIRST_SEED, FIRST_SEED + (1 if fixed else count))


def _shows_examples(cell: Cell, settings: Sequence[str]) -> bool:
    """Whether the headline of a net that learns nothing is of a prompt with examples, which another seed draws anew."""
    own = [setting for setting in settings if "=" in setting and place_of(setting).startswith("zero_shot.")]
    asking = {} if cell.trained else with_settings({}, own).get("zero_shot", {})
    prompts = asking.get("prompts")
    return bool(asking.get("shots")) or (isinstance(prompts, list) and prompts[:1] == [FEW_SHOT])


def place_of(setting: str) -> str:
    """The section.key of `section.key=value`."""
    return setting.partition("=")[0].strip()


def wrong_settings(settings: Sequence[str]) -> list[str]:
    """What may not be laid over a cell: a row would then be something else than it is called."""
    problems = []
    for place in dict.fromkeys(map(place_of, settings)):
        section, _, option = place.partition(".")
        if section == "data" or place in NAMED_BY_CELL:
            problems.append(
                f"--set {place}: a cell is called by it, so it cannot be another; choose cells by --cell, --split or --table"
            )
        elif option == "seed" or option.endswith("_seed"):
            problems.append(f"--set {place}: --seeds says how many runs there are, each of a seed of its own")
    return problems


def chosen_by(cell: Cell) -> dict[tuple[str, str], str]:
    """(section, option) -> who chose its value, and why; of data the paper does not have, how they are parted is ours."""
    own = {place: who for place, who in STATED.items() if not cell.beyond or place[0] == "model"}
    own |= {("model", "pickled"): ONLY_PICKLED} if _only_pickled(cell) else {}
    notes = _preset_of(cell).notes
    return own | {(section, option): who for section, options in notes.items() for option, who in options.items()}


def _only_pickled(cell: Cell) -> bool:
    """Whether the hub holds only pickled weights of its model: a recipe that can be followed says that they may be read."""
    card = card_of(cell.model)
    return card is not None and not card.safetensors


def _preset_of(cell: Cell) -> Preset:
    """The values of the cell's method; a net that is only asked has none."""
    return read_preset(PRESETS[cell.method]) if cell.trained else Preset(name="", about="", values={}, notes={})


def choose_cells(names: Iterable[str] = (), table: str = "all", *, beyond: bool = False) -> tuple[Cell, ...]:
    """The named cells, or those of a table; unknown words are told all at once."""
    asked = list(dict.fromkeys(names))
    if problems := [f"there is no cell {name!r} ({did_you_mean(name, CELLS)})" for name in asked if name not in CELLS]:
        raise UnknownName("these cells are not of the study", problems)
    if asked:
        return tuple(CELLS[name] for name in asked)
    if table != "all" and table not in METHOD:
        raise UnknownName(f"there is no table {table!r} of results ({did_you_mean(table, ['all', *METHOD])})")
    known = (*PAPER_CELLS, *BEYOND_CELLS) if beyond else PAPER_CELLS
    return tuple(cell for cell in known if table == "all" or cell.method == METHOD[table])
