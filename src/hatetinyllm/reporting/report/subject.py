"""What a section of a report is made of, and what it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.reporting.report.suite import Suite


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A judgement in a report: `key` begins its anchors, `folder` is its name for the commands that are told."""

    judgement: Judgement
    key: str = "j0"
    folder: str = "JUDGEMENT"
    texts: Mapping[str, str] | None = None  # None: the page shows ids alone
    suites: tuple[Suite, ...] = ()
    audit: Mapping[str, Any] | None = None  # the result of `audit`, as JSON

    @property
    def positive(self) -> str:
        """The label a score speaks of."""
        return self.judgement.result.positive

    @property
    def negative(self) -> str:
        """The other one."""
        return next(label for label in self.judgement.head.labels if label != self.positive)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page under its own heading; `inside` is HTML, and one without it is left out."""

    anchor: str
    title: str
    inside: str
