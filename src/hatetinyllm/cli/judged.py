"""A judgement for people: the headline beside what it must beat, then every figure with its interval, then the parts."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from hatetinyllm.cli.judgement import confusion_table
from hatetinyllm.cli.output import err, figure, out, table
from hatetinyllm.evaluation.fairness import GroupFigures, Swaps
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.evaluation.operating import Operating
from hatetinyllm.evaluation.seeds import Spread
from hatetinyllm.evaluation.slices import Slice, by_facet
from hatetinyllm.types import Interval, Result

NAMED = 8  # groups of too few rows
HEADLINE = ("accuracy", "f1_positive", "macro_f1", "auroc")
TITLES = {
    "round": "per round",
    "perturbed": "original against perturbed",
    "type": "per type of hate",
    "target": "per people attacked",
    "mentions": "per people named",
    "function": "per function",
    "language": "per language",
    "length": "per length",
}


def show_judgement(judgement: Judgement, facets: Sequence[str]) -> None:
    """All of it; `facets` says which parts are shown."""
    console, result = out(), judgement.result
    console.print(f"\n{judgement.name} on {result.name}", style="bold", markup=False)
    console.print(f"{_rows_in_words(judgement)}\n", markup=False)
    console.print(headline_table([(judgement.name, result), *((one.name, one) for one in judgement.others)]))
    console.print(f"\nevery figure, with its 95 % interval ({_drawn(judgement)})", markup=False)
    console.print(figures_table(result))
    console.print("", confusion_table(result))
    if judgement.review is not None:
        _show_review(judgement)
    _show_contrasts(judgement)
    _show_slices(judgement.slices, facets, result.positive)
    for groups in judgement.groups:
        _show_groups(groups)
    if judgement.swaps is not None:
        _show_swaps(judgement.swaps)
    if judgement.operating:
        console.print("\nthresholds that the dev part chose, tried here; the oracle is what nobody can choose")
        console.print(operating_table(judgement.operating))
    for note in judgement.judged.notes:
        err().print(f"note: {note}", markup=False)


def headline_table(named: Sequence[tuple[str, Result]]) -> Table:
    """One line a result, each figure with its interval."""
    positive = named[0][1].positive
    names = [name.replace("positive", positive) for name in HEADLINE]
    columns = ["", "rows", f"are {positive}", "accuracy", f"F1 {positive}", "macro-F1", "AUROC"]
    rows = [
        [
            said,
            f"{one.rows:,}",
            figure(one.prevalence),
            *(with_interval(one.metrics[name], one.intervals.get(name)) for name in names),
        ]
        for said, one in named
    ]
    return table(columns, rows, right=columns[1:])


def figures_table(result: Result) -> Table:
    """Every metric by its name."""
    rows = [[name, with_interval(value, result.intervals.get(name))] for name, value in result.metrics.items()]
    return table(["figure", "value"], rows, right=["value"])


def operating_table(points: Sequence[Operating]) -> Table:
    """One line a rule."""
    rows = [
        [one.rule, *(figure(value) for value in (one.threshold, one.recall, one.fpr, one.macro_f1, one.oracle)), one.wants]
        for one in points
    ]
    columns = ["rule", "threshold", "recall", "FPR", "macro-F1", "oracle", "of"]
    return table(columns, rows, right=columns[1:-1])


def show_spread(spread: Mapping[str, Spread], positive: str) -> None:
    """Several seeds: each figure's mean and spread."""
    seeds = next(iter(spread.values())).seeds
    out().print(f"\nover {seeds} bundles, positive label {positive}: mean, standard deviation, lowest and highest", style="bold")
    rows = [[name, *(figure(value) for value in (one.mean, one.deviation, one.low, one.high))] for name, one in spread.items()]
    columns = ["figure", "mean", "sd", "lowest", "highest"]
    out().print(table(columns, rows, right=columns[1:]))


def with_interval(value: float | None, interval: Interval | None) -> str:
    """A figure and, where there is one, its interval."""
    return figure(value) + (f" [{interval.low:.3f}, {interval.high:.3f}]" if value is not None and interval else "")


def _rows_in_words(judgement: Judgement) -> str:
    judged, result = judgement.judged, judgement.result
    said = [f"split {judged.how}", f"{result.rows:,} rows, {result.prevalence:.1%} {result.positive}"]
    said += [f"{result.left_out:,} left out (no label, or nothing to read)"] if result.left_out else []
    said += [f"mode {judgement.mode}: {result.positive} from a score of {judgement.band.high:g} on"]
    return "; ".join(said)


def _drawn(judgement: Judgement) -> str:
    drawn, clusters = judgement.drawn, judgement.result.clusters
    return f"{drawn.draws:,} draws of {clusters:,} groups of kin; {drawn.kin}" if clusters else f"{drawn.draws:,} draws"


def _show_review(judgement: Judgement) -> None:
    review = judgement.review
    assert review is not None
    share = with_interval(review.share, review.interval)
    out().print(f"\nleft to people: {review.rows:,} rows, {share}; accuracy of the rest {figure(review.accuracy)}", markup=False)


def _show_contrasts(judgement: Judgement) -> None:
    if not judgement.contrasts:
        return
    out().print("\ncontrast pairs: both right, beside the square of the accuracy on their rows")
    rows = [
        [one.kind, f"{one.pairs:,}", with_interval(one.consistent, one.interval), figure(one.expected), figure(one.same)]
        for one in judgement.contrasts
    ]
    columns = ["pairs that", "pairs", "both right", "accuracy²", "same answer twice"]
    out().print(table(columns, rows, right=columns[1:]))


def _show_slices(slices: Sequence[Slice], facets: Sequence[str], positive: str) -> None:
    found = by_facet(tuple(slices))
    hidden = [facet for facet in found if facet not in facets]
    columns = ["", "rows", f"are {positive}", "accuracy", f"F1 {positive}", "macro-F1", "AUROC"]
    for facet in (facet for facet in found if facet in facets):
        out().print(f"\n{TITLES[facet]}")
        out().print(table(columns, [_slice_line(one, positive) for one in found[facet]], right=columns[1:]))
    if hidden:
        out().print(f"\nalso there: {', '.join(f'--by {facet}' for facet in hidden)}")


def _slice_line(one: Slice, positive: str) -> list[str]:
    if one.result is None:
        return [one.word, f"{one.rows:,}", "too few", "", "", "", ""]
    names = [name.replace("positive", positive) for name in HEADLINE]
    result = one.result
    shown = [with_interval(result.metrics[name], result.intervals.get(name)) for name in names]
    if result.prevalence in (0.0, 1.0):  # with one label only, F1 of it is recall in another dress, and macro-F1 half of it
        shown[1:] = ["–"] * 3
    return [one.word, f"{one.rows:,}", figure(result.prevalence), *shown]


def _show_groups(found: GroupFigures) -> None:
    """Groups with enough rows as lines; the others are named with their counts."""
    fairness = found.fairness
    enough = [one for one in fairness.groups if one.sufficient]
    few = [f"{one.name} ({one.positives:,} and {one.negatives:,})" for one in fairness.groups if not one.sufficient]
    out().print(f"\nper group of people, by {found.source}", markup=False)
    if enough:
        rows = [
            [
                one.name,
                f"{one.positives:,}",
                f"{one.negatives:,}",
                *(figure(value) for value in (one.subgroup_auc, one.bpsn_auc, one.bnsp_auc)),
                with_interval(one.fpr, one.fpr_interval),
                with_interval(one.fnr, one.fnr_interval),
            ]
            for one in enough
        ]
        rows.append(
            ["all together", "", "", *(figure(value) for value in (fairness.subgroup_auc, fairness.bpsn_auc, fairness.bnsp_auc)),
             f"gap {figure(fairness.fpr_gap)}", f"gap {figure(fairness.fnr_gap)}"]
        )  # fmt: skip
        columns = ["", "positive", "negative", "subgroup AUC", "BPSN AUC", "BNSP AUC", "FPR", "FNR"]
        out().print(table(columns, rows, right=columns[1:]))
    if few:
        needed = f"fewer than {fairness.needed} rows of either label (positive and negative)"
        more = f" and {len(few) - NAMED:,} more" if len(few) > NAMED else ""
        out().print(f"insufficient, {needed}: {', '.join(few[:NAMED])}{more}", markup=False)


def _show_swaps(swaps: Swaps) -> None:
    """The swap test in a sentence, and the groups whose name moves the score most."""
    rate = with_interval(swaps.rate, swaps.interval)
    said = f"{swaps.flipped:,} of {swaps.texts:,} texts change their label when other people are named: {rate}"
    out().print(f"\n{said}; the score moves by {figure(swaps.mean_gap)} on average", markup=False)
    groups = sorted(swaps.by_group.items(), key=lambda item: -abs(item[1].mean_rise))
    rows = [[name, f"{one.texts:,}", f"{one.flipped:,}", f"{one.mean_rise:+.3f}"] for name, one in groups]
    columns = ["named", "texts", "labels changed", "what its name adds to the score"]
    out().print(table(columns, rows, right=columns[1:]))
