"""`info`: what a bundle says of itself, every digest checked first."""

from typing import TYPE_CHECKING, Annotated

import typer

from hatetinyllm.cli.output import Json, facts, figure, out, say_json, table
from hatetinyllm.plain import plain

if TYPE_CHECKING:
    from hatetinyllm.bundle import Calibration, Manifest


def info(bundle: Annotated[str, typer.Argument(help="The bundle.")], json: Json = False) -> None:
    """Show a bundle's form, heads, modes, data, licences and results."""
    from hatetinyllm.builtin.place import bundle_folder
    from hatetinyllm.bundle import read_bundle
    from hatetinyllm.cli.modes import modes_table
    from hatetinyllm.data.licence import UNRECORDED, say_effective

    found = read_bundle(bundle_folder(bundle))
    manifest = found.manifest
    if json:
        say_json({"identity": found.identity, **plain(manifest)})
        return
    data, bases = manifest.data, [manifest.base_licence] if manifest.base_licence else []
    out().print(
        facts(
            {
                "bundle": found.folder,
                "identity": found.identity,
                "form": manifest.form,
                "base": f"{manifest.base.source} at {manifest.base.revision or 'this folder'}" if manifest.base else "",
                "base licence": manifest.base_licence,
                "model": f"{manifest.model.name} {_options(manifest.model.options)}",
                "tuning": f"{manifest.tuning.name} {_options(manifest.tuning.options)}",
                "text": _options(manifest.text),
                "languages": ", ".join(manifest.languages),
                "data": f"{data.name}, {data.how}: {_options(data.rows)}" if data else "",
                "notes": "\n".join(data.notes) if data else "",
                "licence": say_effective(data.licences if data else [UNRECORDED], bases),
                "scores": _scores(manifest),
                "calibrated": _calibration(manifest.calibration),
                "made": f"{manifest.made_at} with {_options(manifest.made_with)}",
            }
        )
    )
    heads = [[head.name, head.positive or "–", "yes" if head.many else "no", ", ".join(head.labels)] for head in manifest.heads]
    out().print("", table(["head", "positive", "several at once", "labels"], heads))
    out().print("", modes_table(manifest.bands, manifest.modes, manifest.heads[0].positive or manifest.heads[0].labels[1]))
    for head in manifest.heads[1:]:
        if record := manifest.beside.get(head.name):
            out().print("", modes_table(record.bands, record.modes, head.positive or head.labels[1]))
            out().print(f"{head.name} is calibrated by {_calibration(record.calibration)}", markup=False)
    names = ("accuracy", "macro_f1", "auroc")
    rows = [
        [result.name, f"{result.rows:,}", result.positive, *(figure(result.metrics.get(name)) for name in names)]
        for result in manifest.results
    ]
    if rows:
        columns = ["measured on", "rows", "positive", "accuracy", "macro-F1", "AUROC"]
        out().print("", table(columns, rows, right=["rows", "accuracy", "macro-F1", "AUROC"]))


def _options(options: object) -> str:
    return ", ".join(f"{key} {value}" for key, value in dict(options).items() if value not in (None, (), []))  # type: ignore[call-overload]


def _scores(manifest: "Manifest") -> str:
    """How scores are made, where they are not the net's own."""
    said = [f"temperature {value:g} of {name}" for name, value in manifest.temperatures.items()]
    curves = [f"isotonic curve of {name}" for name, record in manifest.beside.items() if record.curve]
    return ", ".join([*said, *(["isotonic curve"] if manifest.curve else []), *curves])


def _calibration(record: "Calibration | None") -> str:
    if record is None:
        return ""
    rows = f"{record.rows:,} rows, {record.independent:,} independent negatives of {record.negatives:,}"
    return f"{record.method}, on {record.name} {record.part} ({record.how}): {rows}; it was {record.bundle}"
