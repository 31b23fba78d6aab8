"""What a download looks like: a bar on a screen, nothing in a log or where a program listens."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from hatetinyllm.cli.output import err
from hatetinyllm.data.fetch import watched


@contextmanager
def shown_downloads(*, quiet: bool) -> Iterator[None]:
    """Show every download inside the block; the bar comes with the first bytes and goes with the block."""
    console = err()
    columns = (TextColumn("downloading"), BarColumn(bar_width=24), DownloadColumn(), TransferSpeedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
    task = progress.add_task("", total=None)

    def on_progress(here: int, whole: int | None) -> None:
        progress.start()
        progress.update(task, completed=here, total=whole)

    try:
        with watched(on_progress):
            yield
    finally:
        progress.stop()
