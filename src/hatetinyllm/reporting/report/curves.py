"""What other thresholds would do, and how far a score can be read as a share."""

from dataclasses import dataclass

from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics.calibration import reliability as reliability_of
from hatetinyllm.metrics.classification import called
from hatetinyllm.metrics.curve import by_threshold, precision_recall, roc
from hatetinyllm.metrics.rate import wilson
from hatetinyllm.reporting.charts import Axis, Bin, Counts, Mark, Series, histogram, line, reliability
from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.markup import bullets, figure, grid, paragraph, tag
from hatetinyllm.reporting.report.modes import modes_in_words
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import measured
from hatetinyllm.reporting.table import Column, cells

STEPS = 20  # bins of the scores


@dataclass(frozen=True, kw_only=True)
class Point:
    """A mode and what it comes to on these rows."""

    mode: str
    threshold: float
    recall: float
    fpr: float
    precision: float | None

    @property
    def words(self) -> str:
        """The mode with its figures."""
        found = f", precision {share(self.precision, 2)}" if self.precision is not None else ""
        return f"{self.mode}, from {share(self.threshold)}: recall {share(self.recall, 2)}, FPR {share(self.fpr, 2)}{found}"


def curves_of(subject: Subject) -> str:
    """The charts; rows of one label have none."""
    rows = subject.judgement.rows
    if rows is None or not 0 < subject.judgement.result.prevalence < 1:
        return paragraph("All rows have the same label, so there is no curve to draw.")
    points = points_of(subject.judgement, rows)
    charts = [_roc(subject, rows, points), _precision(subject, rows, points), _thresholds(subject, rows, points)]
    told = tag("h4", "How each mode was chosen") + bullets(modes_in_words(subject))
    return tag("div", *charts, _scores(subject, rows), class_="charts") + told + _operating(subject)


def calibration_of(subject: Subject) -> str:
    """The reliability diagram and what it comes to."""
    rows, result = subject.judgement.rows, subject.judgement.result
    if rows is None or not len(rows):
        return ""
    bins = [
        Bin(
            start=one.low,
            end=one.high,
            score=one.mean_score,
            positive=one.share_positive,
            rows=one.rows,
            low=(between := wilson(round(one.share_positive * one.rows), one.rows)).low,
            high=between.high,
        )
        for one in reliability_of(rows.truth, rows.scores, bins=10)
    ]
    title = "Reliability"
    chart = reliability(title, bins, positive=subject.positive, anchor=f"{subject.key}-reliability")
    how = "On the dashed line a score of .7 means that seven of ten are; points below it promise too much. Whiskers: 95 %."
    said = paragraph(
        f"Over 15 bins, score and share of {subject.positive} lie {measured(result, 'ece_pos')} apart on average (ECE).",
        f"The Brier score is {measured(result, 'brier')}.",
        "Binned errors are above nothing even for true probabilities.",
    )
    return tag("div", figure(title, chart, how), tag("div", said), class_="pair")


def points_of(judgement: Judgement, rows: Rows) -> list[Point]:
    """Every mode of the detector, on these rows; that of the judgement where the others are not known."""
    bands = dict(judgement.bands) or {judgement.mode: judgement.band}
    found = []
    for mode, band in sorted(bands.items(), key=lambda item: (item[1].high, item[0])):
        calls = called(rows.scores, band.high) == 1
        chosen = int(calls.sum())
        found.append(
            Point(
                mode=mode,
                threshold=band.high,
                recall=float(calls[rows.truth == 1].mean()),
                fpr=float(calls[rows.truth == 0].mean()),
                precision=float(rows.truth[calls].mean()) if chosen else None,
            )
        )
    return found


def _roc(subject: Subject, rows: Rows, points: list[Point]) -> str:
    found = roc(rows.truth, rows.scores)
    title = "ROC"
    chart = line(
        title,
        [Series(name=subject.judgement.name, x=found.fpr.tolist(), y=found.tpr.tolist())],
        x=Axis(name="false-positive rate"),
        y=Axis(name="recall"),
        diagonal="chance",
        marks=[Mark(label=point.words, x=point.fpr, y=point.recall) for point in points],
        says=f"Recall against false-positive rate; the area is {measured(subject.judgement.result, 'auroc')}.",
        anchor=f"{subject.key}-roc",
    )
    return figure(title, chart, f"Area {measured(subject.judgement.result, 'auroc')}; .5 is chance.")


def _precision(subject: Subject, rows: Rows, points: list[Point]) -> str:
    found = precision_recall(rows.truth, rows.scores)
    title = "Precision and recall"
    chart = line(
        title,
        [Series(name=subject.judgement.name, x=found.recall.tolist(), y=found.precision.tolist())],
        x=Axis(name="recall"),
        y=Axis(name="precision"),
        level=(f"prevalence {share(found.prevalence)}", found.prevalence),
        marks=[Mark(label=point.mode, x=point.recall, y=point.precision) for point in points if point.precision is not None],
        says=f"Precision against recall; the average precision is {measured(subject.judgement.result, 'auprc')}.",
        anchor=f"{subject.key}-pr",
    )
    return figure(
        title, chart, f"Average precision {measured(subject.judgement.result, 'auprc')}; calling at random lies on the line."
    )


def _thresholds(subject: Subject, rows: Rows, points: list[Point]) -> str:
    found = by_threshold(rows.truth, rows.scores)
    at = found.thresholds.tolist()
    named = {"precision": found.precision, "recall": found.recall, f"F1 of {subject.positive}": found.f1, "FPR": found.fpr}
    title = "By threshold"
    chart = line(
        title,
        [Series(name=name, x=at, y=values.tolist()) for name, values in named.items()],
        x=Axis(name="threshold"),
        y=Axis(name="share"),
        marks=[Mark(label=f"{point.mode}, {share(point.threshold)}", x=point.threshold) for point in points],
        anchor=f"{subject.key}-thresholds",
    )
    return figure(title, chart, "The modes are marked; to choose one by these very rows would be to choose by the test.")


def _scores(subject: Subject, rows: Rows) -> str:
    edges = [step / STEPS for step in range(STEPS + 1)]
    kinds = [
        Counts(name=label, counts=_counts(rows.scores[rows.truth == truth].tolist()))
        for label, truth in ((subject.positive, 1), (subject.negative, 0))
    ]
    title = "Scores"
    chart = histogram(title, kinds, edges, x=Axis(name="score"), anchor=f"{subject.key}-scores")
    return figure(title, chart, f"Rows by their score: {subject.positive} above the line, {subject.negative} below it.")


def _counts(scores: list[float]) -> list[int]:
    counts = [0] * STEPS
    for score in scores:
        counts[min(int(score * STEPS), STEPS - 1)] += 1
    return counts


def _operating(subject: Subject) -> str:
    points = subject.judgement.operating
    if not points:
        return ""
    columns = [
        Column(name="rule"),
        *(Column(name=name, number=True) for name in ("threshold", "recall", "FPR", "macro-F1", "oracle")),
    ]
    rows = [
        cells(one.rule, share(one.threshold), share(one.recall), share(one.fpr), share(one.macro_f1), share(one.oracle))
        for one in points
    ]
    return grid("Thresholds that the dev part chose, tried on these rows", columns, rows) + paragraph(
        "The oracle is what the rule wants most of (macro-F1, recall, or the least FPR) at the threshold best for these rows:",
        "a ceiling that nobody can choose.",
        class_="small",
    )
