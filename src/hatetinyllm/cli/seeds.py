"""What several seeds of a recipe came to, as a table: each seed, and the mean with its spread."""

from rich.table import Table

from hatetinyllm.cli.output import figure, out, say_json, table
from hatetinyllm.evaluation.seeds import Spread
from hatetinyllm.processes import is_first_process
from hatetinyllm.reporting.training_curve import draw_curve
from hatetinyllm.training.run import Run
from hatetinyllm.training.seeds import Seeded, SeedsOutcome, summary

PARTS = ("dev", "test")


def say_seeds(outcome: SeedsOutcome, *, as_json: bool) -> None:
    """Draw how each training went, and tell what they came to."""
    for one in outcome.seeds:
        place = Run(folder=one.run)
        if is_first_process():
            draw_curve(place.steps, place.curve)
    if as_json:
        say_json(summary(outcome))
        return
    console = out()
    console.print(seeds_table(outcome))
    console.print(f"\nmean ± deviation over {len(outcome.seeds)} seeds: the spread of training, not that of rows")
    console.print(f"runs     {outcome.folder}, a folder for each seed", markup=False)


def seeds_table(outcome: SeedsOutcome) -> Table:
    """One line a seed, and a last one for all; a part that was not judged has no columns."""
    shown = [(part, metric, said) for part in PARTS if part in outcome.spread for metric, said in _figures(outcome)]
    columns = ["seed", *(f"{part} {said}" for part, _, said in shown)]
    rows = [[str(one.seed), *(figure(_value(one, part, metric)) for part, metric, _ in shown)] for one in outcome.seeds]
    rows.append(["all", *(with_spread(outcome.spread[part].get(metric)) for part, metric, _ in shown)])
    return table(columns, rows, right=columns[1:])


def with_spread(spread: Spread | None) -> str:
    """A mean and how far one seed lies from another; a dash where a seed has no such figure."""
    return "–" if spread is None else f"{figure(spread.mean)} ± {figure(spread.deviation)}"


def _figures(outcome: SeedsOutcome) -> list[tuple[str, str]]:
    """The figures that are shown, and what they are called."""
    positive = outcome.seeds[0].bundle.manifest.heads[0].positive
    return [("macro_f1", "macro-F1"), (f"f1_{positive}", f"F1 {positive}"), ("auroc", "AUROC")]


def _value(one: Seeded, part: str, metric: str) -> float | None:
    result = one.dev if part == "dev" else one.test
    return None if result is None else result.metrics[metric]
