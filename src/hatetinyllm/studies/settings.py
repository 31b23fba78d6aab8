"""
The paper's tables of settings beside ours, and under every table what it leaves out and what we chose instead.

Ours are read from the resolved recipes of the cells that were run, never from what a recipe was meant to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hatetinyllm.reporting.figure import DASH, duration
from hatetinyllm.reporting.table import Cell, Column, Notes, Row, Table
from hatetinyllm.studies import paper
from hatetinyllm.studies.cell import CellResult

TINY = "Tiny nets of random weights: the figures mean nothing. They show only that every cell runs from end to end."
TUNED = ("tinyllama", "phi-2", "opt-1.3b")
IN_WORDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("tuning", "blocks"): {"all": "2 in every block", "last": "2 in the whole net"},
    ("text", "prompt"): {"": "none"},
}
SPLIT_OPTIONS = ("test_share", "dev_share", "parts")
STATED: Mapping[str, tuple[str, ...]] = {"lora": ("epochs", "batch size", "weight decay"), "houlsby": ("epochs",)}
LEFT_OUT: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (  # what, and where a recipe may hold it
    ("readout", (("readout", "name"),)),
    ("prompts, the first for the headline", (("zero_shot", "prompts"),)),
    ("prompt", (("text", "prompt"),)),
    ("examples shown before a post", (("zero_shot", "shots"),)),
    ("calibrated too", (("zero_shot", "calibrate"),)),
    ("generated answers too", (("zero_shot", "generate"),)),
    ("learning rate, at its highest", (("train", "learning_rate"),)),
    ("share of steps in which it climbs", (("train", "warmup_share"),)),
    ("longest gradient", (("train", "clip_norm"),)),
    ("batch size", (("train", "batch_size"),)),
    ("weight decay", (("train", "weight_decay"),)),
    ("epochs", (("train", "epochs"),)),
    ("greatest length, in tokens", (("text", "max_tokens"),)),
    ("precision", (("train", "precision"), ("zero_shot", "precision"))),
    ("width of the adapters", (("tuning", "bottleneck"),)),
    ("activation of the adapters", (("tuning", "activation"),)),
)


def settings_table(number: str, found: Sequence[CellResult]) -> Table:
    """Table IV or V."""
    own = of_method(number, found)
    columns = [Column(name="setting")]
    columns += [Column(name=name, group=paper.MODELS[model], number=True) for model in TUNED for name in ("paper", "ours")]
    rows: list[Row] = []
    for setting in paper.SETTINGS[number]:
        row = [Cell(text=setting.name)]
        for model, stated in zip(TUNED, setting.values, strict=True):
            runs = [cell for cell in own if cell.model == model]
            row += [Cell(text=stated), Cell(text=_ours(setting, runs))]
        rows.append(tuple(row))
    notes = [
        "Ours are read from the recipes of the cells that were run.",
        "Trainable weights: with the readout, of the whole net with its readout; what is tied counts once.",
        "Training time: the paper's on a P100; ours of the whole cell on this machine, judging included, all seeds and splits.",
        *told_of(own),
    ]
    return Table(
        title=title_of(number, own),
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(Notes(title="How to read it", lines=tuple(notes)), *chosen(number, own), *disagreements(number)),
        warning=warning(own),
    )


def chosen(number: str, own: Sequence[CellResult]) -> Iterator[Notes]:
    """What the paper leaves out, and what the cells of a table had there."""
    method = paper.METHOD[number]
    lines = [f"The paper does not say: {'; '.join(what for what, methods in paper.UNSTATED if method in methods)}."]
    if not own:
        lines.append("Ours: no cell of this table was run yet.")
    else:
        lines.append(f"split: {_distinct(_split(cell) for cell in own)}")
        lines.append(f"seeds: {_distinct(str(seed) for seed in sorted({cell.seed for cell in own}))}")
        heads = {
            f"{', '.join(head.confusion)}; {head.positive} from a score of {head.threshold:g} on"
            for head in (cell.headline for cell in own)
        }
        lines.append(f"labels: {_distinct(sorted(heads))}")
        lines += [
            f"{words}: {value}"
            for words, places in LEFT_OUT
            if words not in STATED.get(method, ()) and (value := _at(own, places))
        ]
    yield Notes(title="What the paper leaves out, and what we chose", lines=tuple(lines))


def disagreements(number: str) -> Iterator[Notes]:
    """Where the paper's text and this table say different things."""
    lines = [f"{one.about}. Text: {one.text}. Table: {one.table}." for one in paper.DISAGREEMENTS if number in one.tables]
    if lines:
        yield Notes(title="Where the paper's text and its table disagree", lines=tuple(lines))


def of_method(number: str, found: Sequence[CellResult]) -> list[CellResult]:
    """The cells of one table, seed by seed."""
    return sorted((cell for cell in found if cell.method == paper.METHOD[number]), key=lambda cell: cell.seed)


def title_of(number: str, own: Sequence[CellResult]) -> str:
    """A table's title, which tells of tiny nets before it tells of anything else."""
    return f"{'TINY RANDOM NETS, no results: ' if warning(own) else ''}Table {number}: {paper.TITLES[number]}"


def told_of(own: Sequence[CellResult]) -> Iterator[str]:
    """What a reader must know of the cells, each thing once; of which cells, where it is not all of them."""
    for note in dict.fromkeys(note for cell in own for note in cell.notes):
        having = [cell for cell in own if note in cell.notes]
        of = dict.fromkeys(_place(cell) for cell in having)
        yield note if len(having) == len(own) else f"{', '.join(of)}: {note}"


def _place(cell: CellResult) -> str:
    return f"{paper.MODELS.get(cell.model, cell.model)} on {paper.DATASETS.get(cell.dataset, cell.dataset)}"


def warning(own: Sequence[CellResult]) -> str:
    """What must be said before any figure."""
    return TINY if any(cell.tiny for cell in own) else ""


def _ours(setting: paper.Setting, runs: Sequence[CellResult]) -> str:
    if setting.name == paper.LEARNING:
        return _distinct(_share(cell) for cell in runs if cell.learning is not None and cell.weights) or DASH
    if setting.name == paper.TIME:
        times = [cell.seconds for cell in runs if cell.seconds is not None]
        return _distinct(duration(end) for end in (min(times), max(times))).replace(" / ", " to ") if times else DASH
    return _at(runs, (setting.ours,)) if setting.ours and runs else DASH


def _share(cell: CellResult) -> str:
    assert cell.learning is not None
    assert cell.weights
    return f"{cell.learning / cell.weights * 100:.4f} % ({cell.learning:,})"


def _at(runs: Sequence[CellResult], places: Sequence[tuple[str, str]]) -> str:
    """The distinct values that the recipes hold at the first of these places they know."""
    for section, option in places:
        values = [cell.recipe[section][option] for cell in runs if option in cell.recipe.get(section, {})]
        if values:
            return _distinct(IN_WORDS.get((section, option), {}).get(_said(value), _said(value)) for value in values)
    return ""


def _split(cell: CellResult) -> str:
    options = cell.recipe.get("split", {})
    told = [f"{name} {_said(options[name])}" for name in SPLIT_OPTIONS if name in options]
    return f"{options.get('name', cell.split)}" + (f" ({', '.join(told)})" if told else "")


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_said(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _distinct(values: Iterator[str] | Sequence[str]) -> str:
    return " / ".join(dict.fromkeys(values))
