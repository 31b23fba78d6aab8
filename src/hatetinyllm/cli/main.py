"""
The application: its commands, its exit codes, and the one place where errors become words.

0 done    1 a mistake of ours, or a gate that does not let pass (check, audit --fail-on-leak)
2 something to put right (a word, a recipe, a file, a bundle)    130 interrupted
"""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated

import typer

from hatetinyllm.cli.adopt import adopt
from hatetinyllm.cli.audit import audit
from hatetinyllm.cli.baselines import baselines
from hatetinyllm.cli.cache import cache
from hatetinyllm.cli.calibrate import calibrate
from hatetinyllm.cli.check import check
from hatetinyllm.cli.check_table import check_table
from hatetinyllm.cli.classify import classify
from hatetinyllm.cli.compare import compare
from hatetinyllm.cli.data import data
from hatetinyllm.cli.demo import demo
from hatetinyllm.cli.evaluate import evaluate
from hatetinyllm.cli.export import export
from hatetinyllm.cli.hateval import hateval
from hatetinyllm.cli.info import info
from hatetinyllm.cli.init import init
from hatetinyllm.cli.licences import licences
from hatetinyllm.cli.models import models
from hatetinyllm.cli.output import INTERRUPTED, say_error
from hatetinyllm.cli.pretrain import pretrain
from hatetinyllm.cli.report import report
from hatetinyllm.cli.reproduce import reproduce
from hatetinyllm.cli.sweep import sweep
from hatetinyllm.cli.teach import teach
from hatetinyllm.cli.train import train
from hatetinyllm.cli.zero_shot import zero_shot
from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.version import __version__

MEMORY = "lower train.batch_size or text.max_tokens, or raise train.parts; `train --dry-run` says what a recipe needs"
SPACE = "free some; a run that was training goes on by: hatetinyllm train --resume RUN"
DONE, OUR_MISTAKE, PUT_RIGHT = 0, 1, 2

app = typer.Typer(
    name="hatetinyllm",
    help="Tiny language models that detect hate speech, judged honestly.",
    epilog="Exit codes: 0 done, 1 a mistake of ours or a gate that does not let pass, 2 something to put right, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    demo,
    init,
    train,
    teach,
    pretrain,
    sweep,
    zero_shot,
    reproduce,
    audit,
    evaluate,
    calibrate,
    baselines,
    hateval,
    check,
    compare,
    report,
    classify,
    info,
    adopt,
    export,
    licences,
    check_table,
):
    app.command()(command)
app.add_typer(data, name="data")
app.add_typer(models, name="models")
app.add_typer(cache, name="cache")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hatetinyllm {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Tiny language models that detect hate speech, judged honestly."""


def start(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; no traceback unless --debug asks for one."""
    as_json = "--json" in arguments
    _write_utf8()
    try:
        # Not `main()`: it would turn an interrupt and a closed pipe into exits of its own.
        command = typer.main.get_command(app)
        with command.make_context("hatetinyllm", list(arguments)) as context:
            command.invoke(context)
        return DONE
    except (KeyboardInterrupt, EOFError, typer.Abort):
        say_error("Interrupted", "interrupted", (), as_json=as_json)
        return INTERRUPTED
    except typer.Exit as left:
        return left.exit_code
    except typer.TyperException as error:
        say_error("UsageError", error.format_message(), ["--help after the command shows what it takes"], as_json=as_json)
        return PUT_RIGHT
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is wrong, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except HateTinyLLMError as error:
        _show_traceback(arguments)
        say_error(type(error).__name__, error.message, error.problems, as_json=as_json)
        return PUT_RIGHT
    except OSError as error:
        _show_traceback(arguments)
        say_error("SystemError", _in_words(error), _hints(error), as_json=as_json)
        return PUT_RIGHT
    except Exception as error:
        _show_traceback(arguments)
        if _is_out_of_memory(error):
            say_error("SystemError", "the memory is at its end", [MEMORY], as_json=as_json)
            return PUT_RIGHT
        if "No space left" in str(error):  # safetensors has no error of its own for a full disk
            say_error("SystemError", "no space is left on the disk", [SPACE], as_json=as_json)
            return PUT_RIGHT
        said = f"a mistake of ours: {type(error).__name__}: {error}"
        say_error(
            "InternalError", said, ("run it again with --debug before the command, and report what it prints",), as_json=as_json
        )
        return OUR_MISTAKE


def _write_utf8() -> None:
    """Texts are in every script: a pipe with a narrower encoding gets escapes in place of what it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _is_out_of_memory(error: Exception) -> bool:
    """Torch tells of it by a type of its own on a card, and by words alone in main memory."""
    said = str(error)
    words = ("can't allocate memory", "not enough memory", "Storage size calculation overflowed")
    return type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError) or any(word in said for word in words)


def _in_words(error: OSError) -> str:
    return f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")


def _hints(error: OSError) -> Sequence[str]:
    return [SPACE] if error.errno == errno.ENOSPC else ["is the path right, and may it be read and written?"]


def _show_traceback(arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        traceback.print_exc()
