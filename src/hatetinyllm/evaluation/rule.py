"""What a mode's name asks for: a best figure, a figure that is reached, a promised false-positive rate, a review budget."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hatetinyllm.errors import DataError, UnknownName, did_you_mean
from hatetinyllm.evaluation.promise import percent
from hatetinyllm.evaluation.thresholds import PRECISION_WANTED, RECALL_WANTED

Kind = Literal["balanced", "high-precision", "high-recall", "fpr", "review"]
FORMS = ("balanced", "high-precision", "high-recall", "fpr-1pct-95", "review-10pct")
_FPR = re.compile(r"fpr-(\d+(?:\.\d+)?)pct-(\d+(?:\.\d+)?)")
_REVIEW = re.compile(r"review-(\d+(?:\.\d+)?)pct")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A mode and what it wants: a share of at least, of at most, or none."""

    name: str
    kind: Kind
    share: float = 0.0
    confidence: float = 0.0  # of a promise

    def __str__(self) -> str:
        said: dict[Kind, str] = {
            "balanced": "the best macro-F1 on these rows",
            "high-precision": f"the lowest threshold with a precision of {percent(self.share)} or more on these rows",
            "high-recall": f"the highest threshold with a recall of {percent(self.share)} or more on these rows",
            "fpr": f"a false-positive rate of at most {percent(self.share)}, with {percent(self.confidence)} confidence",
            "review": f"the fewest errors on these rows with at most {percent(self.share)} of them left to people",
        }
        return said[self.kind]


def rules_of(names: Sequence[str], *, precision: float = PRECISION_WANTED, recall: float = RECALL_WANTED) -> tuple[Rule, ...]:
    """The rules by their names, each once; all that cannot be read is told at once."""
    aims = {"precision": precision, "recall": recall}
    problems = [f"--{word} is {share:g}, expected above 0 and up to 1" for word, share in aims.items() if not 0 < share <= 1]
    rules: dict[str, Rule] = {}
    for name in names:
        try:
            rule = _rule(name, precision, recall)
        except UnknownName as error:
            problems.append(error.message)
        else:
            rules[rule.name] = rule
    if problems:
        raise DataError("the modes cannot be read", problems)
    return tuple(rules.values())


def review_name(budget: float) -> str:
    """The mode that a review budget asks for."""
    return f"review-{100 * budget:.10g}pct"


def _rule(name: str, precision: float, recall: float) -> Rule:
    aims: dict[str, Rule] = {
        "balanced": Rule(name=name, kind="balanced"),
        "high-precision": Rule(name=name, kind="high-precision", share=precision),
        "high-recall": Rule(name=name, kind="high-recall", share=recall),
    }
    if name in aims:
        return aims[name]
    if (found := _FPR.fullmatch(name)) and 0 < (rate := float(found[1])) < 100 and 0 < (sure := float(found[2])) < 100:
        return Rule(name=f"fpr-{rate:.10g}pct-{sure:.10g}", kind="fpr", share=rate / 100, confidence=sure / 100)
    if (found := _REVIEW.fullmatch(name)) and 0 < (budget := float(found[1])) < 100:
        return Rule(name=f"review-{budget:.10g}pct", kind="review", share=budget / 100)
    raise UnknownName(f"there is no mode {name!r} ({did_you_mean(name, FORMS)}); fpr-1pct-95 and review-10pct take other numbers")
