"""`calibrate`: fit a bundle's scores and choose its modes' thresholds on rows that were held out."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hatetinyllm.cli.output import Json, Settings, err, out, say_json, table
from hatetinyllm.errors import BundleError, DataError
from hatetinyllm.plain import plain

if TYPE_CHECKING:
    from hatetinyllm.bundle import Bundle, Calibration
    from hatetinyllm.evaluation.calibration import Calibrated
    from hatetinyllm.evaluation.promise import Refused
    from hatetinyllm.studies.calibrate import Fitted, Outcome

NAMES = {"nll": "NLL", "brier": "Brier", "ece_pos": "ECE", "ece_pos_adaptive": "ECE, bins of equal mass"}


def calibrate(
    bundle: Annotated[str, typer.Argument(help="The bundle.")],
    data: Annotated[str | None, typer.Option(help="A dataset the bundle never saw; its own unless given.")] = None,
    part: Annotated[Literal["train", "dev", "test"], typer.Option(help="The part to calibrate on.")] = "dev",
    method: Annotated[Literal["temperature", "isotonic", "none"], typer.Option(help="How scores are fitted.")] = "temperature",
    mode: Annotated[
        list[str] | None,
        typer.Option(
            help="A mode to choose: balanced, high-precision, high-recall, fpr-1pct-95, review-10pct, the last two with any "
            "numbers; these five unless given. One that is named and cannot be had is an error."
        ),
    ] = None,
    review_budget: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of the rows that may be left to people: 0.1 is the mode review-10pct."),
    ] = None,
    precision: Annotated[float, typer.Option(help="What high-precision is to reach on these rows.")] = 0.9,
    recall: Annotated[float, typer.Option(help="What high-recall is to reach on these rows.")] = 0.95,
    seed: Annotated[int, typer.Option(min=0, help="Decides which row stands for its kin.")] = 42,
    to: Annotated[
        Path | None, typer.Option("--out", help="Write a new bundle here; the bundle is replaced unless given.")
    ] = None,
    base: Annotated[Path | None, typer.Option(help="Where an adapter's base lies, if it was moved.")] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """
    Make scores mean what they say, and choose where each mode draws its line.

    fpr-1pct-95 promises a false-positive rate of at most 1 % with 95 % confidence on rows like these; what too few rows
    cannot promise is refused, with how many it takes. The other modes reach their aim on these rows and promise nothing.
    Every head of two labels that the rows answer is calibrated, each on its own rows, and has modes of its own.
    `evaluate` leaves these rows out from then on. The weights stay as they are; the modes a bundle had are replaced.
    """
    from hatetinyllm.builtin.place import BUILTIN, bundle_folder
    from hatetinyllm.bundle import write_again
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.inference.detector import Detector
    from hatetinyllm.studies.calibrate import Wanted, calibrate_bundle

    folder = bundle_folder(bundle)
    if to is None and bundle == BUILTIN:
        raise BundleError("the built-in bundle stays as it came", ["write a new one: --out FOLDER"])
    if to is not None and to.exists() and to.resolve() != folder.resolve():
        raise BundleError(f"{str(to)!r} is there already", ["choose another folder by --out"])
    wanted = Wanted(
        data=data,
        part=part,
        settings=tuple(settings or ()),
        method=method,
        modes=tuple(mode or ()),
        review_budget=review_budget,
        precision=precision,
        recall=recall,
        seed=seed,
    )
    with Waiting(err(), quiet=json) as say:
        detector = Detector.open(folder, base=base)
        outcome = calibrate_bundle(detector, wanted, say=say)
    written = None if outcome.refused else write_again(detector.bundle, to or folder, outcome.manifest)
    if json:
        say_json(_said(outcome, written))
    else:
        _show(outcome)
    if written is None:
        raise DataError("nothing was written: a mode was asked for that cannot be had", _reasons(outcome.refused))
    if not json:
        err().print(f"\nwritten to {written.folder}; next: hatetinyllm evaluate {written.folder} --mode MODE", markup=False)


def _said(outcome: "Outcome", written: "Bundle | None") -> dict[str, Any]:
    """All of it for programs."""
    record = outcome.manifest.calibration
    return {
        "written": {"folder": written.folder, "identity": written.identity} if written else None,
        **_fitted(outcome.calibrated),
        "calibration": record,
        "beside": {name: {**_fitted(one.calibrated), "calibration": one.record} for name, one in outcome.beside.items()},
        "notes": outcome.notes,
    }


def _fitted(found: "Calibrated") -> dict[str, Any]:
    """How a head's scores are made, and its modes."""
    modes = {name: {**plain(found.modes[name]), "low": band.low, "high": band.high} for name, band in found.bands.items()}
    scaling = found.scaling
    return {"temperature": scaling.temperature, "curve": scaling.curve, "modes": modes, "refused": found.refused}


def _show(outcome: "Outcome") -> None:
    from hatetinyllm.cli.histogram import NEGATIVE, POSITIVE, histogram
    from hatetinyllm.cli.modes import modes_table

    console, manifest, found = out(), outcome.manifest, outcome.calibrated
    record, positive = manifest.calibration, manifest.heads[0].positive or ""
    assert record is not None
    console.print(f"\n{_rows_in_words(record, positive)}\n", markup=False)
    console.print(_figures(record), "")
    console.print(f"{POSITIVE} {positive}  {NEGATIVE} not; scores as they are shown from now on", markup=False)
    for line in histogram(outcome.held.truth.tolist(), found.scores.tolist(), found.bands):
        console.print(line, markup=False)
    console.print("", modes_table(manifest.bands, manifest.modes, positive))
    console.print("figures are of these rows, with 95 % Clopper-Pearson intervals that believe a group of kin once", markup=False)
    for said in _reasons({name: why for name, why in found.refused.items() if name not in outcome.refused}):
        err().print(f"left out: {said}", markup=False)
    for note in (*record.notes, *_worse(record), *outcome.notes):
        err().print(f"note: {note}", markup=False)
    for head in manifest.heads[1:]:
        if head.name in outcome.beside:
            _show_beside(outcome.beside[head.name], head.positive or "")


def _show_beside(fitted: "Fitted", positive: str) -> None:
    """A head beside the headline: its rows, its figures and its modes."""
    from hatetinyllm.cli.modes import modes_table

    found = fitted.calibrated
    out().print(f"\n{_rows_in_words(fitted.record, positive)}\n", markup=False)
    out().print(_figures(fitted.record), "", modes_table(found.bands, found.modes, positive))
    for said in _reasons(found.refused):
        err().print(f"left out for {positive}: {said}", markup=False)
    for note in _worse(fitted.record):
        err().print(f"note: {positive}: {note}", markup=False)


def _worse(record: "Calibration") -> list[str]:
    """A fit that does harm on rows it was not made from is told of, and kept only because it was asked for."""
    worse = [NAMES[name] for name, value in record.before.items() if record.after.get(name, value) > value]
    told = f"by a fit on other rows {', '.join(worse)} got worse: the rows may be too few to fit by; --method none leaves scores"
    return [told] if "NLL" in worse else []


def _rows_in_words(record: "Calibration", positive: str) -> str:
    said = (
        f"calibrated on {record.name} {record.part} ({record.how}): {record.rows:,} rows, {record.positives:,} of them {positive}"
    )
    return f"{said}; {record.independent:,} independent negatives of {record.negatives:,} ({record.kin})"


def _figures(record: "Calibration") -> Any:
    """How far scores can be read as shares, before and after."""
    rows = [
        [NAMES[name], f"{value:.4f}", f"{record.after[name]:.4f}" if name in record.after else "–", ""]
        for name, value in record.before.items()
    ]
    return table(["scores", "before", "after", "each fifth of the rows by a fit on the others"], rows, right=["before", "after"])


def _reasons(refused: Mapping[str, "Refused"]) -> list[str]:
    return [f"{name}: {why.reason}" for name, why in refused.items()]
