"""
Functions of a suite as tests of pytest. It is loaded only where it is asked for:

    pytest -p hatetinyllm.studies.pytest_plugin --hate-suite cases.toml --hate-detector runs/first/bundle

Each function is one test, which fails below its bar; one without a bar must pass whole, unless --hate-bar says otherwise.
With --hate-last, what got significantly worse fails too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.studies.check import Checked, check_suite
from hatetinyllm.studies.outcome import SuiteResult
from hatetinyllm.studies.rates import counted, in_words

WHOLE = 1.0


class FunctionBelowBar(AssertionError):
    """Told without a traceback: it is no code that failed."""


class FunctionTest(pytest.Item):
    """One function of a suite, held against its bar and against what it was."""

    def __init__(self, *, checked: Checked, function: str, **known: Any) -> None:
        super().__init__(**known)
        self._checked = checked
        self._function = function

    def runtest(self) -> None:
        """Fail where the gate does not let the function pass."""
        held = next(one for one in self._checked.gate.held if one.rate.name == self._function)
        change = next((one for one in self._checked.gate.changes if one.function == self._function), None)
        if not held.met:
            raise FunctionBelowBar(f"bar {held.bar:g}: {in_words(held.rate, self._checked.result.outcomes)}")
        if change is not None and change.worse:
            raise FunctionBelowBar(
                f"worse than before: {len(change.lost)} cases lost, {len(change.won)} won; {counted(held.rate)}"
            )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, in words."""
        if isinstance(excinfo.value, FunctionBelowBar):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is said to stand: in the suite."""
        return self.path, None, f"{self._checked.result.suite}: {self._function}"


class SuiteTests(pytest.Collector):
    """A suite, one test a function."""

    def collect(self) -> Iterator[FunctionTest]:
        """Ask the detector, then give each function its test."""
        try:
            checked = _checked(self.config)
        except HateTinyLLMError as error:
            raise self.CollectError(str(error)) from error
        for rate in checked.figures.functions:
            yield FunctionTest.from_parent(self, name=rate.name, checked=checked, function=rate.name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """What may stand on the command line."""
    group = parser.getgroup("hatetinyllm", "functional suites of moderation")
    group.addoption("--hate-suite", metavar="SUITE", help="a file of cases, or a suite by its name")
    group.addoption("--hate-detector", metavar="DETECTOR", help="a bundle's folder, pipeline:ID, python:module:function, ...")
    group.addoption("--hate-mode", metavar="MODE", help="whose threshold decides, of a bundle")
    group.addoption("--hate-threshold", metavar="T", type=float, help="a threshold in the place of the detector's own")
    group.addoption("--hate-bar", metavar="SHARE", type=float, default=WHOLE, help="of functions without one; 1 unless given")
    group.addoption("--hate-last", metavar="RESULT", help="a stored result that no function may be worse than")


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the suite's tests behind all others."""
    suite, detector = config.getoption("--hate-suite"), config.getoption("--hate-detector")
    if bool(suite) != bool(detector):
        raise pytest.UsageError("--hate-suite and --hate-detector belong together")
    if suite:
        collector = SuiteTests.from_parent(session, name=str(suite), nodeid=str(suite))
        try:
            items += collector.collect()
        except SuiteTests.CollectError as error:
            raise pytest.UsageError(str(error)) from error


def _checked(config: pytest.Config) -> Checked:
    last: SuiteResult | str | None = config.getoption("--hate-last")
    return check_suite(
        config.getoption("--hate-suite"),
        config.getoption("--hate-detector"),
        mode=config.getoption("--hate-mode"),
        threshold=config.getoption("--hate-threshold"),
        bar=config.getoption("--hate-bar"),
        last=last,
    )
