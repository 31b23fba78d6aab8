"""
Writes what is made from code and results: docs/cli.md from the command line, docs/recipe.schema.json from the signatures,
docs/datasets.md from the cards, the study's recipes from its cells, and the tables of README.md and docs/judging.md
from docs/results.

python tools/make_docs.py            writes them
python tools/make_docs.py --check    writes nothing, and fails when one is stale
"""

import json
import sys
from collections.abc import Iterator
from enum import Enum
from inspect import unwrap
from pathlib import Path
from statistics import median
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from hatetinyllm.cli.main import app
from hatetinyllm.config.recipe import schema
from hatetinyllm.data.dataset import cards
from hatetinyllm.data.licence import LICENCES
from hatetinyllm.training.sections import sections
from make_recipes import recipe_pages, strange_recipes

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
HEADING = """# The command line

Made by `make docs` from the commands themselves; do not edit. `htl` is the short name of `hatetinyllm`.
"""
DATASETS_HEADING = """# The datasets

Made by `make docs` from the cards in `src/hatetinyllm/data`; do not edit. A count marked *unverified* is the source's own and
could not be checked against its file; where no count stands, the source states none.
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


def datasets_page() -> str:
    """Every card: counts, licence, traps."""
    lines = [DATASETS_HEADING]
    for card in cards():
        source = f"<{card.source}>" if "://" in card.source else card.source
        lines.append(f"\n## `{card.name}`\n\n{card.title}. {card.citation} {source}\n\n")
        licence = LICENCES[card.licence].name
        lines.append(f"version {card.version} · {', '.join(card.languages)} · {licence} · answers: {', '.join(card.heads)}\n\n")
        for part, labels in card.counts.items():
            counted = ", ".join(f"{rows:,} {label}" for label, rows in labels.items())
            lines.append(f"- {part}: {counted}{'' if card.verified else ' (*unverified*)'}\n")
        lines += [f"- *trap:* {trap}\n" for trap in card.traps]
    return "".join(lines)


def with_tables(path: Path, tables: dict[str, str]) -> str:
    """A page with its tables as the results have them, each between two marks of its name."""
    text = path.read_text(encoding="utf-8")
    for name, table in tables.items():
        before, start, rest = text.partition(f"<!-- {name}: made by `make docs` -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        if not (start and end):
            raise SystemExit(f"{path.name} has no place for the table {name!r}")
        text = before + start + table + end + after
    return text


def coverage_table() -> str:
    """How often intervals of 95 % hold the truth, in simulations."""
    measured = json.loads((DOCS / "results" / "coverage.json").read_text(encoding="utf-8"))
    shares: dict[str, dict[str, float]] = measured["share_that_holds_the_truth"]
    names = list(next(iter(shares.values())))
    lines = [["", *(name.replace("_positive", "_hate") for name in names)], ["---"] * (len(names) + 1)]
    lines += [[how, *(f"{share:.3f}" for share in found.values())] for how, found in shares.items()]
    told = f"{measured['simulations']:,} simulations of {measured['rows']:,} rows in pairs, {measured['draws']:,} draws each.\n\n"
    return told + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def promise_table() -> str:
    """How often simulated calibrations broke their promise."""
    measured = json.loads((DOCS / "results" / "promise.json").read_text(encoding="utf-8"))
    told = f"`{measured['mode']}`, {measured['simulations']:,} calibrations each; allowed is {measured['promised_at_most']:.3f}, "
    told += f"and the standard error of a share {measured['standard_error']:.4f}.\n\n"
    lines = [["calibrated on, scores fitted by", "share that broke the promise"], ["---"] * 2]
    lines += [[how, f"{share:.3f}"] for how, share in measured["share_that_breaks_the_promise"].items()]
    return told + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def demo_table() -> str:
    """What the demo measured."""
    results = json.loads((DOCS / "results" / "demo.json").read_text(encoding="utf-8"))["results"]
    return results_table(["judged on", "rows"], [[result["name"], f"{result['rows']:,}"] for result in results], results)


def baselines_table() -> str:
    """What the TF-IDF model comes to on each split, beside what reads nothing, and how far another parting leads."""
    measured = json.loads((DOCS / "results" / "baselines.json").read_text(encoding="utf-8"))
    figures = {"accuracy": "accuracy", "f1_hate": "F1 of hate", "macro_f1": "macro-F1", "auroc": "AUROC"}
    head = [
        "data",
        "split",
        "train",
        "judged on",
        "share of hate",
        *figures.values(),
        "macro-F1, 5 partings",
        "F1, all called hate",
    ]
    lines = [head, ["---"] * len(head)]
    for one in measured:
        tfidf, every = one["results"][:2]
        language = one["asked"]["data"].get("language", "en")
        data = one["data"] if language == "en" else f"{one['data']}, {language}"
        judged = f"{tfidf['rows']:,}" if one["part"] == "test" else f"{one['part']}, {tfidf['rows']:,}"
        between = tfidf["intervals"]["macro_f1"]
        values = {key: f"{tfidf['metrics'][key]:.3f}" for key in figures}
        values["macro_f1"] += f" [{between['low']:.3f}, {between['high']:.3f}]"
        spread = one["spread"].get("macro_f1")
        partings = f"{spread['low']:.3f} to {spread['high']:.3f}" if spread else ""
        said = [data, one["split"], f"{one['train']:,}", judged, f"{tfidf['prevalence']:.3f}", *values.values()]
        lines.append([*said, partings, f"{every['metrics']['f1_hate']:.3f}"])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def training_table() -> str:
    """Texts a second of a core, ours beside the Trainer's, and what the machine can do."""
    measured = json.loads((DOCS / "results" / "training.json").read_text(encoding="utf-8"))
    columns = {
        "Trainer, padded to 128": "trainer 128",
        "to the longest": "trainer longest",
        "grouped by length": "trainer grouped",
        "ours": "packed fp32",
        "ours, frozen weights in 16 bits": "packed bf16",
    }
    lines = [["weights", *columns, "times, to 128", "times, to the longest", "share of the matmul limit"], ["---"] * 9]
    for shape, one in measured["measured"].items():
        rates = [f"{one['texts'] / median(one['seconds'][kind]):.1f}" for kind in columns.values()]
        ratios = [measured["ratios"][f"times padded to {to}"][shape]["measured"] for to in ("128", "longest")]
        share = measured["ratios"]["share of the matmul limit"][shape]["measured"]
        lines.append([shape, *rates, *(f"{ratio:.1f}" for ratio in ratios), f"{share:.2f}"])
    told = measured["machine"]
    where = f"Texts a second of one core; {told['processor']}, torch {told['torch']}, transformers {told['transformers']}.\n\n"
    return where + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def results_table(columns: list[str], names: list[list[str]], results: list[dict[str, Any]]) -> str:
    """Figures behind names, one line a result."""
    figures = {"accuracy": "accuracy", "f1_hate": "F1 of hate", "macro_f1": "macro-F1", "auroc": "AUROC"}
    head = [*columns, "share of hate", *figures.values()]
    lines = [head, ["---"] * len(head)]
    for name, result in zip(names, results, strict=True):
        lines.append([*name, f"{result['prevalence']:.3f}", *(f"{result['metrics'][key]:.3f}" for key in figures)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Writes or compares the pages, and returns the exit code."""
    pages = {
        DOCS / "cli.md": cli_page(),
        DOCS / "datasets.md": datasets_page(),
        DOCS / "recipe.schema.json": json.dumps(schema(sections()), indent=2, ensure_ascii=False) + "\n",
        ROOT / "README.md": with_tables(
            ROOT / "README.md", {"demo": demo_table(), "baselines": baselines_table(), "training": training_table()}
        ),
        DOCS / "judging.md": with_tables(DOCS / "judging.md", {"coverage": coverage_table(), "promise": promise_table()}),
        **recipe_pages(ROOT / "recipes"),
    }
    strange = strange_recipes(ROOT / "recipes")
    stale = [path for path, page in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != page]
    if "--check" in sys.argv[1:]:
        if stale or strange:
            print(f"stale: {', '.join(path.name for path in [*stale, *strange])}. Type: make docs", file=sys.stderr)
        return 1 if stale or strange else 0
    for path in strange:
        path.unlink()
        print(f"deleted {path.relative_to(ROOT)}")
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], encoding="utf-8", newline="\n")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
