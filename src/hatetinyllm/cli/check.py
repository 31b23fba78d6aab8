"""`check`: a functional suite put to any detector, as a test runner does."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from hatetinyllm.cli.output import Json, ShowText, err, say_json
from hatetinyllm.errors import HateTinyLLMError

BELOW = 1  # the exit code of a gate that does not let it pass


def check(
    suite: Annotated[
        str | None,
        typer.Argument(help="starter, hatecheck, multilingual-hatecheck, hatemoji-check, or a file of your own cases."),
    ] = None,
    detector: Annotated[
        str | None,
        typer.Argument(
            help="A bundle's folder, pipeline:ID_OR_FOLDER, python:module:function, openai:URL, perspective:URL or tei:URL."
        ),
    ] = None,
    mode: Annotated[str | None, typer.Option(help="Whose threshold decides, of a bundle; best-guess unless given.")] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Hate from this score on, whatever the detector says.")
    ] = None,
    bar: Annotated[
        float | None, typer.Option(min=0, max=1, help="The share of each function's cases that must pass, where it has none.")
    ] = None,
    bars: Annotated[
        Path | None, typer.Option(help='A file of bars by function: "negated contempt" = 0.6 on a line each.')
    ] = None,
    last: Annotated[Path | None, typer.Option(help="A stored result that no function may be significantly worse than.")] = None,
    save: Annotated[Path | None, typer.Option(help="Store the result here; it holds no text.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML for a CI here.")] = None,
    cases: Annotated[int, typer.Option(min=0, help="Failing cases shown of each function.")] = 3,
    positive: Annotated[str | None, typer.Option(help="Which label is hate, of a pipeline, a function or TEI.")] = None,
    category: Annotated[str | None, typer.Option(help="The category or attribute that is asked about, of an API.")] = None,
    model: Annotated[str | None, typer.Option(help="The model that an OpenAI endpoint is to use.")] = None,
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds an endpoint's key.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Texts a request.")] = None,
    parallel: Annotated[int | None, typer.Option(min=1, max=64, help="Requests at once; 8 unless given.")] = None,
    timeout_s: Annotated[float | None, typer.Option("--timeout", min=0.1, help="Seconds an answer may take.")] = None,
    base: Annotated[str | None, typer.Option(help="Where an adapter's base lies, if it was moved.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="DATA.KEY=VALUE", help="An option of the suite's dataset: data.language=es."),
    ] = None,
    init: Annotated[Path | None, typer.Option(help="Write a commented file of cases to begin with, and do nothing else.")] = None,
    json: Json = False,
    show_text: ShowText = False,
) -> None:
    """
    Put a functional suite to a detector of any kind and say what it gets wrong.

    Exit code 1 where a function is below its bar, or significantly worse than in the last result. Texts are sent nowhere
    unless a URL is named.
    """
    if init is not None:
        _write_template(init)
        return
    if suite is None or detector is None:
        raise HateTinyLLMError("a suite and a detector are needed", ["for example: hatetinyllm check starter runs/first/bundle"])

    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.studies.check import check_suite
    from hatetinyllm.studies.outcome import stored
    from hatetinyllm.studies.suite import open_suite

    of_detector = {
        "mode": mode,
        "positive": positive,
        "category": category,
        "model": model,
        "key_env": key_env,
        "batch": batch,
        "parallel": parallel,
        "timeout_s": timeout_s,
        "base": base,
    }
    if last is not None and save is not None and not last.exists() and save.resolve() == last.resolve():
        err().print(f"note: {last} is not there yet, so nothing is compared this time", markup=False)
        last = None
    with shown_downloads(quiet=json):
        opened = open_suite(suite, settings or [])
    with _progress(len(opened.cases), quiet=json) as told:
        checked = check_suite(
            opened, detector, threshold=threshold, bar=bar, bars=bars, last=last, told=told, **_given(of_detector)
        )
    kept = save is not None and last is not None and not checked.passed and save.resolve() == last.resolve()
    if save is not None and not kept:
        checked.save(save)
    if junit is not None:
        from hatetinyllm.studies.junit import write_junit

        write_junit(junit, checked)
    if json:
        say_json(stored(checked.result, figures=checked.figures, gate=checked.gate.in_full))
    else:
        from hatetinyllm.cli.checked import show_checked

        show_checked(checked, cases=cases, show_text=show_text)
        _tell_places(None if kept else save, junit)
        if kept:
            err().print(f"{save} keeps the last result that passed", markup=False)
    if not checked.passed:
        raise typer.Exit(BELOW)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _write_template(path: Path) -> None:
    from hatetinyllm.data.starter import TEMPLATE

    if path.suffix != ".toml":
        raise HateTinyLLMError(f"{path}: the file of cases that --init writes ends in .toml")
    if path.exists():
        raise HateTinyLLMError(f"{path} is there already, and nothing is written over it")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEMPLATE.format(file=path.name, name=path.stem), encoding="utf-8", newline="\n")
    err().print(f"wrote {path}; next: hatetinyllm check {path} runs/first/bundle", markup=False)


def _tell_places(save: Path | None, junit: Path | None) -> None:
    for path, what in ((save, "the result"), (junit, "JUnit XML")):
        if path is not None:
            err().print(f"{what} is in {path}", markup=False)


@contextmanager
def _progress(cases: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar that counts cases, where somebody can see it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = err()
    columns = (TextColumn("cases"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("", total=cases)
        yield lambda count: progress.advance(task, count)
