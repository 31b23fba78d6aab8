"""Figures by the names people know, each with its meaning and its interval."""

from collections.abc import Mapping

from hatetinyllm.reporting.figure import interval, share
from hatetinyllm.types import Interval, Result

# name, POS for the positive label and NEG for the other -> what people call it, what it means
METRIC_WORDS: Mapping[str, tuple[str, str]] = {
    "macro_f1": ("macro-F1", "mean of the F1 of both labels, each counting alike"),
    "f1_POS": ("F1 of POS", "harmonic mean of precision and recall"),
    "f1_NEG": ("F1 of NEG", "the same for the other label"),
    "accuracy": ("accuracy", "share of rows that are right"),
    "balanced_accuracy": ("balanced accuracy", "mean of the shares that are right among each label"),
    "precision": ("precision", "share of rows called POS that are"),
    "recall": ("recall", "share of POS rows that are called so"),
    "fpr": ("false-positive rate", "share of NEG rows that are called POS"),
    "fnr": ("false-negative rate", "share of POS rows that are missed"),
    "mcc": ("MCC", "correlation of label and truth, 0 for chance"),
    "weighted_f1": ("weighted F1", "for comparison with papers only"),
    "auroc": ("AUROC", "chance that a POS row scores above one that is not"),
    "auprc": ("AUPRC", "average precision; calling at random gets the prevalence"),
    "tpr_at_fpr_01": ("recall at FPR .01", "at the threshold best for these very rows"),
    "tpr_at_fpr_05": ("recall at FPR .05", "at the threshold best for these very rows"),
    "fpr_at_tpr_90": ("FPR at recall .90", "at the threshold best for these very rows"),
    "fpr_at_tpr_95": ("FPR at recall .95", "at the threshold best for these very rows"),
    "ece_pos": ("ECE", "mean distance of score and share of POS, 15 bins of equal width"),
    "ece_pos_adaptive": ("ECE, adaptive", "the same over bins of equally many rows"),
    "brier": ("Brier score", "mean squared distance of score and truth"),
    "nll": ("NLL", "mean negative logarithm of the true label's score"),
    "aurc": ("AURC", "mean error as ever more doubtful rows are answered"),
}
FACETS: Mapping[str, str] = {
    "round": "Round",
    "perturbed": "Original against perturbed",
    "type": "Type of hate",
    "target": "People attacked",
    "mentions": "People named",
    "function": "Function",
    "language": "Language",
    "length": "Length",
}


def metric_words(result: Result) -> dict[str, tuple[str, str]]:
    """The metrics of a result in the order they are read in; one nobody has words for comes last, as it is."""
    labels = {"POS": result.positive, "NEG": next(label for label in result.confusion if label != result.positive)}
    known = {_filled(name, labels): tuple(_filled(part, labels) for part in both) for name, both in METRIC_WORDS.items()}
    found = {name: (both[0], both[1]) for name, both in known.items() if name in result.metrics}
    return {**found, **{name: (name, "") for name in result.metrics if name not in found}}


def with_interval(value: float | None, found: Interval | None) -> str:
    """A figure and, where there is one, its interval."""
    return share(value) + (f" {interval(found.low, found.high)}" if value is not None and found else "")


def measured(result: Result, name: str) -> str:
    """A figure of a result with its interval."""
    return with_interval(result.metrics.get(name), result.intervals.get(name))


def percent(value: float) -> str:
    """A share as a percentage."""
    return f"{value:.1%}".replace("%", " %")


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def spoken(word: str) -> str:
    """A label as people say it."""
    return word.replace("_", " ")


def sentence(said: str) -> str:
    """Words as a sentence: a capital first, a full stop last."""
    return f"{said[:1].upper()}{said[1:].rstrip('.')}." if said else ""


def part_words(facet: str, word: str) -> str:
    """A word of a facet that says what it is of."""
    return f"{facet} {word}" if facet == "round" else spoken(word)


def one_label(result: Result) -> bool:
    """Whether all rows have the same label: what needs both says nothing then."""
    return result.prevalence in (0.0, 1.0)


def _filled(said: str, labels: Mapping[str, str]) -> str:
    for mark, label in labels.items():
        said = said.replace(mark, label)
    return said
