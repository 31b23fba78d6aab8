"""
Writes the pages that are made from the code: docs/cli.md from the command line, docs/recipe.schema.json from the signatures.

python tools/make_docs.py            writes them
python tools/make_docs.py --check    writes nothing, and fails when one is stale
"""

import json
import sys
from collections.abc import Iterator
from enum import Enum
from inspect import unwrap
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from hatetinyllm.cli.main import app
from hatetinyllm.config.recipe import schema
from hatetinyllm.training.sections import sections

DOCS = Path(__file__).resolve().parent.parent / "docs"
HEADING = """# The command line

Made by `make docs` from the commands themselves; do not edit. `htl` is the short name of `hatetinyllm`.
"""


def cli_page() -> str:
    """Every command with its help, its arguments and its options."""
    return HEADING + "".join(command_lines("hatetinyllm", typer.main.get_command(app)))


def command_lines(path: str, command: Any) -> Iterator[str]:
    """A command and, below it, its own commands."""
    yield f"\n## `{path}`\n\n{clean(command.help)}\n"
    hints = get_type_hints(unwrap(command.callback)) if command.callback else {}
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    if shown:
        yield "\n| | what it is | if left out |\n|---|---|---|\n"
        yield from (parameter_line(parameter, hints.get(parameter.name)) for parameter in shown)
    for name, below in sorted(getattr(command, "commands", {}).items()):
        if not below.hidden:
            yield from command_lines(f"{path} {name}", below)
    if getattr(command, "epilog", None):
        yield f"\n{clean(command.epilog)}\n"


def parameter_line(parameter: Any, hint: Any) -> str:
    """One row: the words to type, the help, the default."""
    option = parameter.param_type_name == "option"
    words = ", ".join((*parameter.opts, *parameter.secondary_opts)) if option else parameter.name.upper()
    kind = f" {kind_of(hint)}" if option and hint not in (bool, None) else ""
    default = "required" if parameter.required else default_of(parameter)
    return f"| `{words}{kind}` | {clean(getattr(parameter, 'help', ''))} | {default} |\n"


def kind_of(hint: Any) -> str:
    """What is to be typed for an annotation: one of some words, or a kind of value."""
    inner = [kind for kind in get_args(hint) if kind is not type(None)]
    if get_origin(hint) is Literal:
        return " or ".join(map(str, inner))
    if inner:  # a list of them, or none
        return kind_of(inner[0])
    if issubclass(hint, Enum):
        return " or ".join(str(member.value) for member in hint)
    return {str: "TEXT", int: "NUMBER", float: "NUMBER", Path: "PATH"}[hint]


def default_of(parameter: Any) -> str:
    """The default as it would be typed."""
    default = parameter.default
    if default is None or callable(default) or default in ((), [], ""):
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"`{getattr(default, 'value', default)}`"


def clean(text: str | None) -> str:
    """Help on one line, safe in a table."""
    return " ".join((text or "").split()).replace("|", "\\|")


def main() -> int:
    """Writes or compares the pages, and returns the exit code."""
    pages = {
        "cli.md": cli_page(),
        "recipe.schema.json": json.dumps(schema(sections()), indent=2, ensure_ascii=False) + "\n",
    }
    stale = [
        name for name, page in pages.items() if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != page
    ]
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"stale: docs/{', docs/'.join(stale)}. Type: make docs", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(pages[name], encoding="utf-8", newline="\n")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
