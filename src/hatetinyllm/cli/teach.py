"""`teach`: scores of a recipe's train rows, for a net to learn from beside their labels."""

import json as text_of
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from hatetinyllm.cli.output import Json, Settings, err, figure, out, say_json, table
from hatetinyllm.cli.recipe import refuse_other_kind

if TYPE_CHECKING:
    from hatetinyllm.studies.teach import Teacher

FIGURES = ("accuracy", "macro_f1", "auroc")


def teach(
    recipe: Annotated[Path, typer.Argument(help="The recipe whose train rows are to be taught.")],
    to: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write: .jsonl or .parquet.")],
    settings: Settings = None,
    bundle: Annotated[
        list[str] | None, typer.Option(help="A bundle that teaches too; of several (seeds, sizes) the mean log-odds.")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="TF-IDF scores each fold of train by the others, kin never parted.")] = 5,
    tfidf_share: Annotated[
        float, typer.Option(min=0, max=1, help="Of TF-IDF against all bundles together; without a bundle it has all.")
    ] = 0.5,
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="Score train rows that do not answer the headline, too.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds, and of TF-IDF.")] = 42,
    json: Json = False,
) -> None:
    """
    Make a teacher for a recipe: a score for each train row, by TF-IDF that did not learn from it, and by bundles.

    The recipe names the file in its [teacher] section. Rows of dev and test are neither learnt from nor scored.
    """
    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.config.recipe import read_recipe, with_settings
    from hatetinyllm.studies.teach import Wanted
    from hatetinyllm.studies.teach import teach as make
    from hatetinyllm.training.sections import sections

    given = read_recipe(recipe)
    refuse_other_kind(given, command="train", typed=quote(str(recipe)))
    given = with_settings(given, settings or [], sections())
    wanted = Wanted(bundles=tuple(bundle or ()), folds=folds, tfidf_share=tfidf_share, unlabelled=unlabelled, seed=seed)
    with shown_downloads(quiet=json), Waiting(err(), quiet=json) as say:
        made = make(given, to, wanted, say=say)
    if json:
        say_json(made)
    else:
        _show(made)


def _show(made: "Teacher") -> None:
    console, silent = out(), f", {made.unlabelled:,} of them without a label" if made.unlabelled else ""
    console.print(f"{made.rows:,} train rows of {made.data} are scored for {made.head}{silent}", style="bold", markup=False)
    if made.folds:
        console.print(f"TF-IDF in {made.folds} folds, {made.kin} never parted", markup=False)
    lines = [[one.name, f"{one.rows:,}", *(figure(one.metrics.get(name)) for name in FIGURES)] for one in made.results]
    columns = ["on the labels of train", "rows", *FIGURES]
    console.print(table(columns, lines, right=columns[1:]))
    console.print("\nin the recipe:\n", markup=False)
    for line in ("[teacher]", f"file = {text_of.dumps(str(made.file))}", f'digest = "{made.digest}"'):
        console.print(line, markup=False)
    for note in made.notes:
        err().print(f"note: {note}", markup=False)
