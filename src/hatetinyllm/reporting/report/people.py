"""Whether the detector is as right on texts that name some people as on others."""

from collections.abc import Sequence

from hatetinyllm.evaluation.fairness import GroupFigures, Swaps
from hatetinyllm.metrics.fairness import GroupFairness
from hatetinyllm.reporting.charts import Axis, Bar, BarGroup, bars
from hatetinyllm.reporting.figure import difference, share
from hatetinyllm.reporting.markup import figure, folded, grid, paragraph, tag, text
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import plural, spoken, with_interval
from hatetinyllm.reporting.table import Column, cells
from hatetinyllm.types import Interval

LEGEND = (
    "Low BPSN: harmless texts that name the group score like hateful ones that do not, which makes false alarms.",
    "Low BNSP: hateful texts that name it score like harmless ones that do not, which makes misses.",
)


def people_of(subject: Subject) -> str:
    """Each source of groups in turn, and the swap test."""
    judgement = subject.judgement
    if not judgement.groups and judgement.swaps is None:
        return paragraph("No group of people was looked for.")
    parts = [_source(subject, number, one) for number, one in enumerate(judgement.groups)]
    return "".join([*parts, _swaps(judgement.swaps) if judgement.swaps else ""])


def _source(subject: Subject, number: int, found: GroupFigures) -> str:
    fairness = found.fairness
    head = tag("h4", text(found.source[:1].upper() + found.source[1:]))
    few = [one for one in fairness.groups if not one.sufficient]
    enough = [one for one in fairness.groups if one.sufficient]
    limit = f"fewer than {fairness.needed} rows of either label"
    if not enough:
        named = ", ".join(f"{spoken(one.name)} ({one.positives:,} and {one.negatives:,})" for one in few)
        said = f"Insufficient for every group: each has {limit}." if few else "No row names a group."
        return head + paragraph(said) + (folded("Their rows of each label", paragraph(f"{named}.")) if few else "")
    said = paragraph(
        f"The farthest a group's false-positive rate is from that of all rows is {share(fairness.fpr_gap)};",
        f"its false-negative rate, {share(fairness.fnr_gap)}.",
        f"A group with {limit} is grey: insufficient.",
    )
    charts = [
        _rates(subject, f"{subject.key}-fpr{number}", "False alarms", "false-positive rate", enough, few, "fpr", fairness.fpr),
        _rates(subject, f"{subject.key}-fnr{number}", "Misses", "false-negative rate", enough, few, "fnr", fairness.fnr),
    ]
    return (
        head
        + said
        + tag("div", *charts, class_="charts")
        + folded("Subgroup, BPSN and BNSP AUC", _areas(found), paragraph(*LEGEND))
    )


def _rates(
    subject: Subject,
    anchor: str,
    title: str,
    words: str,
    enough: Sequence[GroupFairness],
    few: Sequence[GroupFairness],
    name: str,
    whole: float | None,
) -> str:
    found = sorted(enough, key=lambda one: (-(getattr(one, name) or 0.0), one.name))
    lines = [_bar(one, getattr(one, name), getattr(one, f"{name}_interval")) for one in found]
    lines += [
        Bar(label=spoken(one.name), value=None, said=f"insufficient: {one.positives:,} and {one.negatives:,}") for one in few
    ]
    level = ("all rows", whole) if whole is not None else None
    group = BarGroup(bars=tuple(lines))
    chart = bars(f"{title} per group", [group], axis=Axis(name=words), level=level, anchor=anchor)
    kind = (subject.negative, "is called " + subject.positive) if name == "fpr" else (subject.positive, "is missed")
    return figure(title, chart, f"Of a group's {kind[0]} rows, the share that {kind[1]}.")


def _bar(one: GroupFairness, value: float | None, between: Interval | None) -> Bar:
    low, high = (between.low, between.high) if between else (None, None)
    rows = one.positives + one.negatives
    return Bar(label=f"{spoken(one.name)} · {rows:,}", value=value, low=low, high=high)


def _areas(found: GroupFigures) -> str:
    fairness = found.fairness
    names = ("subgroup AUC", "BPSN AUC", "BNSP AUC")
    columns = [Column(name=""), *(Column(name=name, number=True) for name in ("positive", "negative", *names))]
    rows = [
        cells(
            spoken(one.name),
            f"{one.positives:,}",
            f"{one.negatives:,}",
            *(
                (share(one.subgroup_auc), share(one.bpsn_auc), share(one.bnsp_auc))
                if one.sufficient
                else ("insufficient", "–", "–")
            ),
        )
        for one in fairness.groups
    ]
    together = (share(fairness.subgroup_auc), share(fairness.bpsn_auc), share(fairness.bnsp_auc))
    rows.append(cells("all together (power mean, −5)", "", "", *together))
    return grid(f"By {found.source}", columns, rows)


def _swaps(swaps: Swaps) -> str:
    said = paragraph(
        f"Of {plural(swaps.texts, 'text')} that name a group, {swaps.flipped:,} get another label once others are named:",
        f"{with_interval(swaps.rate, swaps.interval)}. The score moves by {share(swaps.mean_gap)} on average.",
    )
    columns = [Column(name="named"), *(Column(name=name, number=True) for name in ("texts", "labels changed", "its name adds"))]
    found = sorted(swaps.by_group.items(), key=lambda item: (-abs(item[1].mean_rise), item[0]))
    rows = [cells(spoken(name), f"{one.texts:,}", f"{one.flipped:,}", difference(one.mean_rise)) for name, one in found]
    table = grid("The same texts with other people named", columns, rows)
    return tag("h4", text("Other people named")) + said + folded("Group by group", table)
