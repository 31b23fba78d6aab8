"""`report`: judgements as one page for people, and as a model card for the Hub."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import Json, err, out, say_json
from hatetinyllm.errors import DataError
from hatetinyllm.folder import write_text_whole

if TYPE_CHECKING:
    from hatetinyllm.reporting.report.subject import Subject

FIGURES = "judgement.json"
PAGE = Path("report.html")
PAGE_MARK, CARD_MARK = '<p class="eyebrow">hatetinyllm report</p>', "<!-- made by hatetinyllm report -->"


def report(
    judgements: Annotated[list[Path], typer.Argument(help="Folders that evaluate --out wrote; several make one page.")],
    suites: Annotated[list[Path] | None, typer.Option("--suite", help="The result of check, as JSON.")] = None,
    audit: Annotated[Path | None, typer.Option(help="The result of audit, as JSON.")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="The page; report.html, unless only a card is asked for.")] = None,
    card: Annotated[Path | None, typer.Option(help="Write a model card for the Hub here: README.md.")] = None,
    about: Annotated[Path | None, typer.Option(help="What only you can say in the card, in TOML: contact, licence, ...")] = None,
    embed_text: Annotated[bool, typer.Option("--embed-text", help="Put the texts of mistakes into the page, masked.")] = False,
    json: Json = False,
) -> None:
    """
    One page of a judgement that loads nothing and runs nothing, and a model card that lacks nothing.

    The page holds ids, scores and figures, never a text of the data: --embed-text reads those from your own copy, for your
    own eyes. A card with a required field empty is refused, and what it lacks is told.
    """
    page = to or (PAGE if card is None else None)
    _refuse_foreign({page: PAGE_MARK, card: CARD_MARK})

    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.reporting.about import read_about
    from hatetinyllm.reporting.card import card_markdown, model_card
    from hatetinyllm.reporting.report.whole import report_page

    made: dict[Path, str] = {}
    with Waiting(err(), quiet=json) as say:
        say("judgements are read")
        subjects = _subjects(judgements, suites or [], audit, embed_text=embed_text)
        if card is not None:
            made[card] = card_markdown(model_card(subjects, read_about(about) if about else {}))
        if page is not None:
            say("judgements are compared" if len(subjects) > 1 else "charts are drawn")
            made[page] = report_page(subjects)
    for path, text in made.items():  # only now, for a card may be refused
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text_whole(path, text)
    if json:
        say_json({"written": list(made)})
        return
    for path in made:
        out().print(str(path), markup=False)
    if embed_text and page is not None:
        err().print("note: the page holds texts of the data: its licence may forbid to pass it on", markup=False)


def _subjects(folders: Sequence[Path], suites: Sequence[Path], audit: Path | None, *, embed_text: bool) -> list["Subject"]:
    from hatetinyllm.evaluation.stored import read_judgement
    from hatetinyllm.reporting.report.leak import audit_in
    from hatetinyllm.reporting.report.subject import Subject
    from hatetinyllm.reporting.report.suite import suite_in
    from hatetinyllm.studies.texts import texts_of

    audited = audit_in(_json(audit), str(audit)) if audit else None
    tested = tuple(suite_in(_json(path), str(path)) for path in suites)
    found = []
    for number, folder in enumerate(_whole(folders)):
        judgement = read_judgement(folder)
        texts = texts_of(judgement) if embed_text else None
        found.append(Subject(judgement=judgement, key=f"j{number}", folder=folder.name, texts=texts))
    return [replace(found[0], suites=tested, audit=audited), *found[1:]]  # a suite and an audit are told once


def _whole(folders: Sequence[Path]) -> list[Path]:
    """A folder of judgements stands for those in it, as evaluate writes one of several bundles."""
    found: list[Path] = []
    for folder in folders:
        inside = sorted(path.parent for path in folder.glob(f"*/{FIGURES}")) if not (folder / FIGURES).is_file() else []
        found += inside or [folder]
    if len({folder.resolve() for folder in found}) < len(found):
        raise DataError("a judgement is named twice")
    return found


def _json(path: Path) -> Any:
    import json

    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON: {error}") from error


def _refuse_foreign(files: Mapping[Path | None, str]) -> None:
    """Nothing is written over that this command did not write."""
    there = {path: mark for path, mark in files.items() if path is not None and path.exists()}
    problems = [
        f"{path} is there already, and not of this command's making: name another file"
        for path, mark in there.items()
        if not path.is_file() or mark not in path.read_text(encoding="utf-8", errors="replace")
    ]
    if problems:
        raise DataError("nothing was written", problems)
