"""A download is shown on a screen, and nowhere else."""

import io

import pytest
from rich.console import Console

from hatetinyllm.cli import downloads
from hatetinyllm.data import fetch


def written_by(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, quiet: bool) -> str:
    written = io.StringIO()
    monkeypatch.setattr(downloads, "err", lambda: Console(file=written, force_terminal=terminal, width=80))
    with downloads.shown_downloads(quiet=quiet):
        on_progress = fetch._watcher.get()
        assert on_progress is not None
        on_progress(500_000, 1_000_000)
    assert fetch._watcher.get() is None
    return written.getvalue()


def test_a_screen_shows_how_far_a_download_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "0.5/1.0 MB" in written_by(monkeypatch, terminal=True, quiet=False)


@pytest.mark.parametrize(("terminal", "quiet"), [(False, False), (True, True)])
def test_a_log_and_a_program_see_nothing(monkeypatch: pytest.MonkeyPatch, terminal: bool, quiet: bool) -> None:
    assert "MB" not in written_by(monkeypatch, terminal=terminal, quiet=quiet)
