"""
What people and programs see: text and colour for the first, JSON for the second.

Results go to standard output, everything else to standard error. NO_COLOR and pipes are respected by rich itself.
Texts are shown masked unless asked for: they are offensive by nature.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hatetinyllm.plain import to_json
from hatetinyllm.processes import is_first_process

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ShowText = Annotated[bool, typer.Option("--show-text", help="Show texts as they are; they may offend.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change one option of the recipe.")
]

INTERRUPTED = 130
SHOWN_CHARACTERS = 60
PUNCTUATION = ".,;:!?'\"()-"
FOLDED_WIDTH = 24  # the least a last column is folded to
PIPED_WIDTH = 200  # where no screen says otherwise


class Printer(Console):
    """Rich's console, but a reader who goes away is told to whoever prints: rich itself would end the process with 1."""

    def on_broken_pipe(self) -> None:
        """Leave it to the one place where errors become exit codes."""
        raise BrokenPipeError


def out() -> Console:
    """Standard output, for results; where it is no screen, lines are as long as they need to be."""
    return _console(stderr=False)


def err() -> Console:
    """Standard error, for everything that is no result."""
    return _console(stderr=True)


def say_json(value: object) -> None:
    """One JSON value on one line."""
    if is_first_process():
        sys.stdout.write(to_json(value) + "\n")
        sys.stdout.flush()


def say_error(kind: str, message: str, problems: Sequence[str], *, as_json: bool) -> None:
    """An error on standard error, in words or as JSON."""
    if as_json:
        said = {"error": {"kind": kind, "message": message, "problems": problems}}
        sys.stderr.write(to_json(said) + "\n")
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)  # an error is told by whichever process has it
    console.print(f"[bold red]error:[/] {escape(message)}")
    for problem in problems:
        console.print(f"  - {escape(problem)}")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> Table:
    """A table without lines; columns named in `right` hold numbers, and only the last column may be folded."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        last = column == columns[-1]
        made.add_column(escape(column), justify="right" if column in right else "left", overflow="fold", no_wrap=not last)
    lines = [[str(cell) for cell in row] for row in rows]
    for line in lines:
        made.add_row(*(escape(cell) for cell in line))
    # A screen too narrow for the numbers gets longer lines rather than cut numbers.
    needed = sum(max(cell_len(line[index]) for line in [columns, *lines]) + 2 for index in range(len(columns) - 1)) + FOLDED_WIDTH
    if needed > out().width:
        made.width = needed
    return made


def facts(pairs: Mapping[str, object]) -> Table:
    """Names and values, one pair a line; what is empty is left out."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        if value not in ("", None, (), [], {}):
            made.add_row(escape(name), escape(str(value)))
    return made


def masked(text: str, *, show: bool) -> str:
    """A text on one line, cut to size; unless shown, only the first letter of each word is."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if not show:
        line = " ".join(_masked_word(word) for word in line.split(" "))
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def figure(value: float | None) -> str:
    """A share or a score to three digits; a dash for one that does not exist."""
    return "–" if value is None else f"{value:.3f}"


def _console(*, stderr: bool) -> Console:
    console = Printer(stderr=stderr, highlight=False, soft_wrap=True, quiet=not is_first_process())
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def _masked_word(word: str) -> str:
    """Only the first letter of a word of four or more is shown: spaced-out words and emoji can offend too."""
    shown = 1 if len(word) > 3 and word[0].isascii() else 0
    return word[:shown] + "".join(sign if sign in PUNCTUATION else "·" for sign in word[shown:])
