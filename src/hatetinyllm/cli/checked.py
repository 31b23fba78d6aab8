"""A checked suite for people: a bar a function, the failing ones first, then groups, pairs, cases, and one line at the end."""

from collections import Counter
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hatetinyllm.cli.output import err, figure, masked, out, table
from hatetinyllm.studies.check import Checked
from hatetinyllm.studies.gate import Change, Held
from hatetinyllm.studies.outcome import Outcome
from hatetinyllm.studies.rates import Figures, Rate, in_words, worst

WIDTH = 20  # of a bar
PARTS = " ▏▎▍▌▋▊▉"
NEAR = 0.02  # a rate that differs by less at another threshold is not shown
NAMED = 5
COLUMNS = ("", "function", "expected", " ", "pass", "rate", "95 % interval", "bar", "  ")
DRAWN = 3  # the column of bars
FIGURES = ("pass", "rate", "bar")


def show_checked(checked: Checked, *, cases: int, show_text: bool) -> None:
    """All of it, the one line that matters last."""
    result, console = checked.result, out()
    console.print(f"\n{escape(result.detector)} on {escape(result.suite)}", style="bold")
    told = f"{len(result.outcomes):,} cases, {len(result.functions):,} functions; {result.decided}"
    console.print(f"{told}; scores of {result.asked!r}\n", markup=False)
    console.print(_functions(checked))
    _show_rates("by expected label", checked.figures.labels)
    _show_rates(f"by whom they name, on {checked.figures.groups_of}", checked.figures.groups)
    _show_pairs(checked.figures)
    _show_half(checked)
    _show_worst(checked)
    if cases:
        _show_cases(checked, cases, show_text=show_text)
    _show_changes(checked)
    for note in (*result.notes, *_unanswered(result.outcomes), *checked.gate.notes):
        err().print(f"note: {note}", markup=False)
    _show_verdict(checked)


def bar_of(share: float) -> str:
    """A share as a bar of eighths, on a ground that shows the rest."""
    eighths = round(share * WIDTH * 8)
    whole, part = divmod(eighths, 8)
    drawn = "█" * whole + (PARTS[part] if part else "")
    return drawn + "░" * (WIDTH - len(drawn))


def _functions(checked: Checked) -> Table:
    """A line a function: what fails comes first, the rest by its rate. A screen too narrow for the bars does without."""
    held = {one.rate.name: one for one in checked.gate.held}
    changes = {one.function: one for one in checked.gate.changes}
    rates = sorted(checked.figures.functions, key=lambda rate: (not _fails(rate, held, changes), rate.share, rate.name))
    rows = [_line(rate, held.get(rate.name), changes.get(rate.name)) for rate in rates]
    widths = [max(Text.from_markup(cell).cell_len for cell in column) for column in zip(COLUMNS, *rows, strict=True)]
    kept = [place for place in range(len(COLUMNS)) if place != DRAWN or sum(widths) + 2 * len(widths) <= out().width]
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place in kept:
        made.add_column(COLUMNS[place], justify="right" if COLUMNS[place] in FIGURES else "left", no_wrap=True)
    for row in rows:
        made.add_row(*(row[place] for place in kept))
    needed = sum(widths[place] + 2 for place in kept)
    if needed > out().width:
        made.width = needed
    return made


def _fails(rate: Rate, held: dict[str, Held], changes: dict[str, Change]) -> bool:
    one, change = held.get(rate.name), changes.get(rate.name)
    return (one is not None and not one.met) or (change is not None and change.worse)


def _line(rate: Rate, held: Held | None, change: Change | None) -> Sequence[str]:
    below, worse = held is not None and not held.met, change is not None and change.worse
    colour = "red" if below or worse else "green" if held is not None or rate.passed == rate.cases else "yellow"
    said = [word for word, holds in (("below its bar", below), ("got worse", worse)) if holds]
    said += ["got better"] if change is not None and change.better else []
    said += [f"within its interval: {rate.cases:,} cases are few"] if held is not None and held.unsure else []
    said += [f"{rate.unanswered:,} without an answer"] if rate.unanswered else []
    return (
        f"[{colour}]{'✗' if below or worse else '✓' if held is not None else '·'}[/]",
        escape(rate.name),
        rate.expected,
        f"[{colour}]{bar_of(rate.share)}[/]",
        f"{rate.passed:,}/{rate.cases:,}",
        figure(rate.share),
        f"\\[{rate.interval.low:.3f}, {rate.interval.high:.3f}]",
        "" if held is None else f"{held.bar:g}",
        ", ".join(said),
    )


def _show_rates(title: str, rates: Sequence[Rate]) -> None:
    if not rates:
        return
    out().print(f"\n{title}", markup=False)
    rows = [[rate.name, f"{rate.passed:,}/{rate.cases:,}", figure(rate.share), _interval(rate)] for rate in rates]
    out().print(table(["", "pass", "rate", "95 % interval"], rows, right=["pass", "rate"]))


def _show_pairs(figures: Figures) -> None:
    if not figures.pairs:
        return
    out().print("\nas pairs: both pass, beside what two independent answers of the same rate would reach")
    rows = [
        [
            "flip the label" if one.kind == "flip" else "keep the label",
            f"{one.pairs:,}",
            figure(one.consistent) + (f" [{one.interval.low:.3f}, {one.interval.high:.3f}]" if one.interval else ""),
            figure(one.expected),
        ]
        for one in figures.pairs
    ]
    out().print(table(["pairs that", "pairs", "both pass", "independent"], rows, right=["pairs", "both pass", "independent"]))


def _show_half(checked: Checked) -> None:
    """What a threshold of .5 would have done, where that was not the threshold."""
    half = checked.at_half
    if half is None:
        return
    now = checked.figures
    out().print(
        f"\nat a threshold of .5: {half.overall.passed:,} pass ({figure(half.overall.share)}), macro {figure(half.macro)}"
    )
    pairs = zip(now.functions, half.functions, strict=True)
    rows = [
        [one.name, figure(one.share), figure(other.share), f"{other.share - one.share:+.3f}"]
        for one, other in pairs
        if abs(one.share - other.share) >= NEAR
    ]
    if rows:
        out().print(table(["function", "rate", "at .5", "difference"], rows, right=["rate", "at .5", "difference"]))


def _show_worst(checked: Checked) -> None:
    if not (found := worst(checked.figures)):
        return
    out().print("\nthe worst")
    for rate in found:
        out().print(f"  {in_words(rate, checked.result.outcomes)}", markup=False)


def _show_cases(checked: Checked, count: int, *, show_text: bool) -> None:
    """Failing cases of each function, the surest mistakes first."""
    texts = {case.id: case.text for case in checked.suite.cases}
    rows = []
    for rate in sorted(checked.figures.functions, key=lambda rate: rate.share):
        wrong = [one for one in checked.result.outcomes if one.function == rate.name and not one.passed]
        for one in sorted(wrong, key=_surest)[:count]:
            said = one.said or f"– ({one.reason})"
            rows.append([one.function, one.id, one.expected, said, figure(one.score), masked(texts[one.id], show=show_text)])
    if rows:
        out().print(f"\nfailing cases, up to {count} of each function")
        columns = ["function", "id", "is", "called", "score", "text" if show_text else "text (masked)"]
        out().print(table(columns, rows, right=["score"]))


def _unanswered(outcomes: Sequence[Outcome]) -> list[str]:
    """Why cases have no answer, the commonest reason first."""
    reasons = Counter(one.reason for one in outcomes if one.said is None).most_common()
    told = ", ".join(f"{reason} ({count:,})" for reason, count in reasons)
    return [f"cases without an answer do not pass: {told}"] if told else []


def _surest(one: Outcome) -> float:
    if one.score is None:
        return 0.0
    return -one.score if one.expected == "not_hate" else one.score - 1


def _show_changes(checked: Checked) -> None:
    changed = [one for one in checked.gate.changes if one.lost or one.won]
    if not checked.gate.changes:
        return
    out().print("\nagainst the last result, on the cases both have" + ("" if changed else ": the same cases pass"))
    rows = [
        [
            one.function,
            f"{one.cases:,}",
            f"{len(one.lost):,}",
            f"{len(one.won):,}",
            figure(one.adjusted),
            "got worse" if one.worse else "got better" if one.better else "",
            ", ".join(one.lost[:NAMED]) + (", ..." if len(one.lost) > NAMED else ""),
        ]
        for one in changed
    ]
    if rows:
        columns = ["function", "cases", "lost", "won", "p, Holm", "", "ids lost"]
        out().print(table(columns, rows, right=["cases", "lost", "won", "p, Holm"]))
    if small := [one for one in checked.gate.changes if not one.could]:
        told = f"{len(small):,} functions have so few cases that not even losing all of them would be significant"
        err().print(f"note: {told}", markup=False)


def _show_verdict(checked: Checked) -> None:
    """The line a test runner ends with, and before it why it is red."""
    gate, rates = checked.gate, checked.figures
    for failure in gate.failures:
        out().print(f"[red]✗[/] {escape(failure)}")
    low, high = rates.overall.interval.low, rates.overall.interval.high
    passed = (
        f"{rates.overall.passed:,} of {rates.overall.cases:,} cases pass ({figure(rates.overall.share)} [{low:.3f}, {high:.3f}])"
    )
    speed = f"{len(checked.result.outcomes) / checked.result.seconds:,.0f} cases/s" if checked.result.seconds else ""
    told = f"{passed}, macro {figure(rates.macro)} over {len(rates.functions):,} functions, {speed}"
    word, colour = ("FAILED", "red") if not gate.passed else ("passed", "green") if gate.asked else ("done", "yellow")
    out().print(f"\n[bold {colour}]{word}[/]  {escape(f'{_asked(checked)}; {told}')}")


def _asked(checked: Checked) -> str:
    held, changes = checked.gate.held, checked.gate.changes
    said = [] if checked.gate.asked else ["no bar was set"]
    if held:
        below = sum(not one.met for one in held)
        said.append(
            f"{below:,} of {len(held):,} functions below their bar" if below else f"{len(held):,} functions at their bar or above"
        )
    if changes:
        worse = sum(one.worse for one in changes)
        said.append(f"{worse:,} got worse" if worse else "none got worse")
    return ", ".join(said)


def _interval(rate: Rate) -> str:
    return f"[{rate.interval.low:.3f}, {rate.interval.high:.3f}]"
