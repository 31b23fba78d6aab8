"""`info`: what a bundle says of itself, every digest checked first."""

from pathlib import Path
from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, facts, figure, out, say_json, table
from hatetinyllm.plain import plain


def info(bundle: Annotated[Path, typer.Argument(help="The bundle.")], json: Json = False) -> None:
    """Show a bundle's form, heads, modes, data, licences and results."""
    from hatetinyllm.bundle import read_bundle
    from hatetinyllm.data.licence import UNRECORDED, say_effective

    found = read_bundle(bundle)
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
                "data": f"{data.name}, {data.how}: {_options(data.rows)}" if data else "",
                "notes": "\n".join(data.notes) if data else "",
                "licence": say_effective(data.licences if data else [UNRECORDED], bases),
                "made": f"{manifest.made_at} with {_options(manifest.made_with)}",
            }
        )
    )
    heads = [[head.name, head.positive or "–", "yes" if head.many else "no", ", ".join(head.labels)] for head in manifest.heads]
    out().print("", table(["head", "positive", "several at once", "labels"], heads))
    modes = [[mode, _band(band.low, band.high)] for mode, band in sorted(manifest.bands.items())]
    out().print("", table(["mode", f"{manifest.heads[0].name} is answered"], modes))
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


def _band(low: float, high: float) -> str:
    return f"yes from a score of {high:g} on, no below" + (f" {low:g}, nothing between" if low != high else "")
