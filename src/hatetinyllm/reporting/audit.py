"""An audit in tables and a picture: for a terminal, and as a page that needs nothing else."""

from collections.abc import Sequence
from html import escape

from hatetinyllm.evaluation.audit import Audit
from hatetinyllm.evaluation.probe import CLOSE, Figures
from hatetinyllm.reporting.charts import CHART_RULES, Axis, Counts, histogram
from hatetinyllm.reporting.charts.style import variables
from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.page import to_html
from hatetinyllm.reporting.table import Column, Notes, Table, cells

BAR = 40  # signs


def heading(found: Audit) -> str:
    """The verdict in words."""
    said = {"leaks": "leaks", "clean": "is clean"}[found.verdict]
    return f"{found.name}, {found.how}: the split {said}"


def findings(found: Audit) -> tuple[str, ...]:
    """Why it leaks, or what its being clean says."""
    if found.reasons:
        return found.reasons
    whole = found.figures
    lines = [f"no kin are parted ({found.kin})"]
    lines += [
        f"{one.near:,} {one.later} rows are near a {one.earlier} row and no kin of it: both have a recorded group, another one"
        for one in found.crossings
        if one.near
    ]
    if whole.logistic is not None:
        gain = f"a regression has {share(whole.logistic)} right, and {share(whole.probe)} once near train rows overrule it"
        lines.append(f"{found.part} answers cannot be looked up in train: {gain}")
    if whole.nearest is not None:
        lines.append(f"the nearest train row has the label of {whole.nearest:.1%} of {found.part} rows")
    return tuple(lines)


def tables(found: Audit) -> tuple[Table, ...]:
    """What crosses parts, what can be looked up, how near train is; and texts with both labels, where there are any."""
    made = [_crossings(found), _figures(found), _near(found)]
    return (*made, _conflicts(found)) if any(one.texts for one in found.conflicts) else tuple(made)


def picture(found: Audit) -> tuple[tuple[str, int, int, str], ...]:
    """A line for each bin of cosines: its bounds, rows of the same and of the other label, and a bar of both."""
    most = max((one.same + one.opposite for one in found.histogram), default=0) or 1
    shown = [one for one in reversed(found.histogram) if one.same or one.opposite]
    return tuple(
        (
            f"{share(one.low, 2)} to {share(one.high, 2)}",
            one.same,
            one.opposite,
            "█" * round(BAR * one.opposite / most) + "░" * round(BAR * one.same / most),
        )
        for one in shown
    )


def chart(found: Audit) -> str:
    """The picture as SVG: rows of the same label stand up, rows of the other hang down."""
    kinds = [
        Counts(name="same label as nearest train row", counts=[one.same for one in found.histogram]),
        Counts(name="other label", counts=[one.opposite for one in found.histogram]),
    ]
    edges = [*(one.low for one in found.histogram), found.histogram[-1].high]
    x = Axis(name=f"cosine of the nearest train row ({found.name}, {found.how})")
    return histogram(f"How near {found.part} rows are to train", kinds, edges, x=x, of=f"{found.part} rows")


def to_page(found: Audit) -> str:
    """The audit as one HTML file."""
    page = to_html(heading(found), tables(found), opening=[*findings(found), *_ways(found)])
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {variables(1)} }} }}"
    rules = f":root {{ {variables(0)} }}\n{dark}\n{CHART_RULES}"
    picture = f'<section id="chart"><h2>{escape(f"How near {found.part} rows are to train")}</h2>{chart(found)}</section>'
    return page.replace("</style>", f"{rules}</style>", 1).replace("<main>", f"<main>\n{picture}", 1)


def _crossings(found: Audit) -> Table:
    names = (
        "rows",
        "equal",
        "equal, other label",
        "near",
        "near, other label",
        "partner",
        "partner, other label",
        "group",
        "kin",
    )
    columns = [Column(name="rows of"), Column(name="with, in"), *(Column(name=name, number=True) for name in names)]
    rows = [
        cells(
            one.later, one.earlier,
            *(f"{count:,}" for count in (one.rows, one.exact, one.exact_opposite, one.near, one.near_opposite,
                                         one.partners, one.partners_opposite, one.groups, one.kin)),
        )
        for one in found.crossings
    ]  # fmt: skip
    notes = (f"equal: {found.form}", f"near: character cosine from .7, {found.near_pairs}", found.kin)
    return Table(
        title="What stands in two parts", columns=tuple(columns), rows=tuple(rows), notes=(Notes(title="How", lines=notes),)
    )


def _figures(found: Audit) -> Table:
    names = ("rows", "one label", "regression", "nearest row", "probe", "copied", "overruled")
    rows = [
        cells(
            one.name, f"{one.rows:,}",
            *(share(value) for value in (one.majority, one.logistic, one.nearest, one.probe, one.copied)),
            f"{one.overruled:,}",
        )
        for one in _all(found)
    ]  # fmt: skip
    notes = (
        "regression: character n-grams, logistic; nearest row: the label of the nearest train row",
        "probe: the regression, overruled by the opposite of a near train row's label; copied: by the label itself",
        f"nearest train rows: {found.nearest_rows}",
    )
    columns = (Column(name="accuracy on"), *(Column(name=name, number=True) for name in names))
    return Table(
        title="What can be looked up in train", columns=columns, rows=tuple(rows), notes=(Notes(title="How", lines=notes),)
    )


def _near(found: Audit) -> Table:
    names = [name for cosine in CLOSE for name in (f"from {share(cosine, 1)}", f"from {share(cosine, 1)}, other label")]
    columns = [Column(name="share of"), *(Column(name=name, number=True) for name in ("rows", *names))]
    rows = []
    for one in _all(found):
        figures = [figure for close in one.close for figure in (share(close.share), share(close.opposite))]
        rows.append(cells(one.name, f"{one.rows:,}", *figures))
    return Table(title="How near train is", columns=tuple(columns), rows=tuple(rows))


def _conflicts(found: Audit) -> Table:
    columns = (Column(name="part"), Column(name="texts", number=True), Column(name="rows", number=True))
    rows = tuple(cells(one.part, f"{one.texts:,}", f"{one.rows:,}") for one in found.conflicts)
    return Table(title="Equal texts with both labels in one part", columns=columns, rows=rows)


def _all(found: Audit) -> Sequence[Figures]:
    return (found.figures, *found.rounds)


def _ways(found: Audit) -> tuple[str, ...]:
    return (f"nearest train rows: {found.nearest_rows}; near pairs: {found.near_pairs}", *found.notes)
