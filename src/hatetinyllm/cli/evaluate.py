"""`evaluate`: judge a bundle on rows it did not learn from."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hatetinyllm.cli.output import Json, Settings, err, out, say_json
from hatetinyllm.plain import plain


def evaluate(
    bundle: Annotated[Path, typer.Argument(help="The bundle to judge.")],
    data: Annotated[str | None, typer.Option(help="A dataset; the bundle's own, parted as for training, unless given.")] = None,
    part: Annotated[Literal["train", "dev", "test"], typer.Option(help="The part to judge on.")] = "test",
    mode: Annotated[str, typer.Option(help="Whose threshold decides.")] = "best-guess",
    base: Annotated[Path | None, typer.Option(help="Where an adapter's base lies, if it was moved.")] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Accuracy, F1 of hate, macro-F1, AUROC and the confusion of a bundle; rows it learnt from are left out and counted."""
    from hatetinyllm.cli.judgement import confusion_table, result_table
    from hatetinyllm.evaluation.evaluate import evaluate as judge
    from hatetinyllm.inference.detector import Detector
    from hatetinyllm.policy import band_of
    from hatetinyllm.training.unseen import unseen_rows

    detector = Detector.open(bundle, base=base)
    band = band_of(mode, detector.bundle.manifest.bands)
    unseen = unseen_rows(detector.bundle, data, part, settings or [])
    name = f"{unseen.splits.name} {part}"
    result = judge(detector.scores, unseen.examples, detector.heads[0], name=name, threshold=band.high)
    if json:
        say_json({**plain(result), "mode": mode, "seen_left_out": unseen.seen, "notes": unseen.notes})
        return
    out().print(result_table([result]))
    out().print(f"\nmode {mode}: {result.positive} from a score of {result.threshold:g} on; {result.left_out:,} rows left out")
    out().print(confusion_table(result))
    for note in unseen.notes:
        err().print(f"note: {note}", markup=False)
