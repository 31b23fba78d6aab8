"""The gate: bars are held against the rate, regressions need significance, and nothing that got better ever fails."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.data.suite import Function
from hatetinyllm.errors import DataError
from hatetinyllm.metrics.paired import mcnemar
from hatetinyllm.studies.gate import EVERY, Gate, bars_of, gate_of, read_bars
from hatetinyllm.studies.outcome import Outcome, SuiteResult
from hatetinyllm.studies.rates import figures_of


def result_of(**passed: list[bool]) -> SuiteResult:
    """A result of these functions, case by case."""
    outcomes = tuple(
        Outcome(
            id=f"{name}-{place}",
            function=name,
            expected="hate",
            said="hate" if one else "not_hate",
            passed=one,
            score=0.9 if one else 0.1,
            digest="d",
        )
        for name, cases in passed.items()
        for place, one in enumerate(cases)
    )
    return SuiteResult(
        suite="mine",
        digest="sha256:1",
        detector="first",
        kind="bundle",
        identity="sha256:2",
        asked="hate",
        outcomes=outcomes,
        functions=tuple(Function(name=name) for name in passed),
        band=None,
        decided="its own decisions",
    )


def gate(result: SuiteResult, *, bar: float | None = None, bars: dict[str, float] | None = None, last: SuiteResult | None = None):
    return gate_of(result, figures_of(result), bar=bar, bars=bars or {}, last=last)


def share(passed: int, cases: int) -> list[bool]:
    return [place < passed for place in range(cases)]


def test_a_function_below_its_bar_fails_and_one_at_it_passes() -> None:
    assert gate(result_of(one=share(80, 100)), bar=0.8).passed
    found = gate(result_of(one=share(79, 100), two=share(5, 100)), bar=0.8)
    assert not found.passed
    assert [(held.met, held.unsure) for held in found.held] == [(False, True), (False, False)]
    assert "too few to be sure" in found.failures[0]
    assert found.failures[1].startswith("two is below its bar of 0.8: 5 of 100 pass (0.050")


def test_bars_of_a_file_come_before_the_suites_own_and_these_before_the_one_of_all() -> None:
    functions = (Function(name="one", bar=0.5), Function(name="two", bar=0.5), Function(name="three"))
    assert bars_of(functions, 0.8, {"one": 0.9}) == [0.9, 0.5, 0.8]
    assert bars_of(functions, None, {}) == [0.5, 0.5, None]


def test_without_bars_nothing_is_held() -> None:
    found = gate(result_of(one=share(0, 10)))
    assert found.passed
    assert not found.asked
    assert found == Gate()


def test_bars_for_nothing_and_bars_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as told:
        bars_of((Function(name="contempt"),), None, {"contemt": 0.5})
    assert told.value.problems == ("'contemt' (did you mean 'contempt'?)",)
    with pytest.raises(DataError, match="from 0 to 1"):
        bars_of((), 80, {})
    path = tmp_path / "bars.toml"
    path.write_text('"negated contempt" = 0.6\none = 1\n', encoding="utf-8")
    assert read_bars(path) == {"negated contempt": 0.6, "one": 1.0}
    path.write_text('one = "high"\ntwo = 80\nthree = true\n', encoding="utf-8")
    with pytest.raises(DataError) as told:
        read_bars(path)
    assert len(told.value.problems) == 3
    path.write_text("negated contempt = 0.6", encoding="utf-8")
    with pytest.raises(DataError, match="no TOML"):
        read_bars(path)
    with pytest.raises(DataError, match=r"did you mean 'bars\.toml'"):
        read_bars(tmp_path / "bar.toml")


def test_a_regression_fails_and_its_cases_are_named() -> None:
    before, now = result_of(one=share(90, 100), two=share(50, 100)), result_of(one=share(60, 100), two=share(50, 100))
    found = gate(now, last=before)
    assert not found.passed
    change = found.changes[0]
    assert (len(change.lost), change.won, change.worse) == (30, (), True)
    assert change.lost[0] == "one-60"
    assert change.p == mcnemar(30, 0).p
    assert change.adjusted == pytest.approx(3 * change.p)
    assert [one.function for one in found.changes] == ["one", "two", EVERY]
    assert "one got worse: 30 cases lost and 0 won of 100" in found.failures[0]


def test_an_improvement_never_fails() -> None:
    found = gate(result_of(one=share(90, 100)), last=result_of(one=share(10, 100)))
    assert found.passed
    assert found.changes[0].better


def test_a_loss_that_may_be_chance_does_not_fail_and_few_cases_are_told() -> None:
    found = gate(result_of(one=share(0, 3)), last=result_of(one=share(3, 3)))
    assert found.passed
    assert not found.changes[0].could


def test_small_losses_of_many_functions_are_seen_together() -> None:
    names = [f"f{number}" for number in range(10)]
    found = gate(result_of(**{name: share(6, 9) for name in names}), last=result_of(**{name: share(9, 9) for name in names}))
    assert [change.function for change in found.changes if change.worse] == [EVERY]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_gate_lets_a_result_pass_that_lost_no_more_than_it_won(pairs: list[tuple[bool, bool]]) -> None:
    before, now = result_of(one=[then for then, _ in pairs]), result_of(one=[now for _, now in pairs])
    lost, won = sum(then and not now for then, now in pairs), sum(now and not then for then, now in pairs)
    found = gate(now, last=before)
    assert found.passed == (lost <= won or 2 * mcnemar(lost, won).p >= 0.05)
    assert gate(now, last=now).passed


def test_what_came_went_or_was_changed_is_told_and_fails_nothing() -> None:
    before, now = result_of(one=share(9, 9), gone=share(9, 9)), result_of(one=share(8, 10), new=share(0, 9))
    changed = tuple(replace(one, digest="other") if one.id == "one-0" else one for one in now.outcomes)
    found = gate(replace(now, outcomes=changed, decided="otherwise"), last=before)
    assert found.passed
    assert {change.function: change.cases for change in found.changes} == {"one": 8, EVERY: 8}
    assert list(found.notes) == [
        "10 new cases, not compared: one-9, new-0, new-1, new-2, new-3, ...",
        "9 cases that are gone, not compared: gone-0, gone-1, gone-2, gone-3, gone-4, ...",
        "1 cases that were changed, not compared: one-0",
        "1 new functions, not compared: new",
        "1 functions that are gone, not compared: gone",
        "the last result decided otherwise: its own decisions; now otherwise",
        "the detector is the same as in the last result",
    ]


def test_the_result_of_another_suite_is_refused() -> None:
    with pytest.raises(DataError, match="of another suite: 'theirs', and this is 'mine'"):
        gate(result_of(one=[True]), last=replace(result_of(one=[True]), suite="theirs"))


def test_a_result_without_a_case_in_common_is_refused() -> None:
    with pytest.raises(DataError, match="no case in common"):
        gate(result_of(one=[True]), last=result_of(other=[True]))


def test_a_gate_in_full_says_what_follows_from_it() -> None:
    found = gate(result_of(one=share(0, 30)), bar=0.5, last=result_of(one=share(30, 30))).in_full
    assert found["passed"] is False
    assert [change["worse"] for change in found["changes"]] == [True, True]
    assert len(found["failures"]) == 3
