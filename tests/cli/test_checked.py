"""A bar is as long as the share it stands for, and a narrow screen does without rather than cut a figure."""

import pytest

from hatetinyllm.cli.checked import WIDTH, bar_of, show_checked
from hatetinyllm.studies.check import check_suite


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, "░" * 20), (1, "█" * 20), (0.5, "█" * 10 + "░" * 10), (0.025, "▌" + "░" * 19), (0.999, "█" * 20)]
)
def test_a_bar_shows_its_share(share: float, drawn: str) -> None:
    assert bar_of(share) == drawn


def test_every_bar_is_of_one_width() -> None:
    assert {len(bar_of(number / 997)) for number in range(998)} == {WIDTH}


@pytest.mark.parametrize(("columns", "drawn"), [("60", False), ("160", True)])
def test_a_narrow_screen_does_without_bars_and_cuts_no_figure(
    columns: str, drawn: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    show_checked(check_suite("starter", lambda texts: [0.9] * len(texts), bar=0.9), cases=0, show_text=False)
    printed = capsys.readouterr().out
    assert ("█" in printed) is drawn
    assert "[0.000, 0.242]" in printed
    assert "speaking of ourselves" in printed
    assert "…" not in printed


def test_why_cases_have_no_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    show_checked(check_suite("starter", lambda texts: [None, *[0.9] * (len(texts) - 1)]), cases=1, show_text=False)
    printed = capsys.readouterr()
    assert "1 without an answer" in printed.out
    assert "do not pass: no answer (1)" in printed.err
