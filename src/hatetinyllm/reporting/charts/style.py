"""
The colours and rules of charts, in a page and alone.

In a page they take its variables; a file of its own carries the colours written out, light and dark, for viewers that know
no variables. Colours are never alone: series differ in dashes and marks too, and every figure that counts is written.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from hatetinyllm.folder import write_text_whole

# name -> light, dark: letters 4.5 to 1 or better against the paper, everything else 3 to 1 or better
PALETTE: Mapping[str, tuple[str, str]] = {
    "ink": ("#1c1e21", "#e6e8ea"),
    "paper": ("#ffffff", "#16181b"),
    "faint": ("#5c636b", "#a2a9b1"),
    "line": ("#d5d9de", "#3a3f45"),
    "band": ("#f3f5f7", "#202429"),
    "alarm": ("#b3261e", "#ff8a80"),
    "alarm-band": ("#fdecea", "#3a1f1d"),
    "c0": ("#0b62a8", "#6cb6ff"),
    "c1": ("#b8460b", "#ff9e64"),
    "c2": ("#0b7a55", "#5fd3a6"),
    "c3": ("#8a3d86", "#d9a3e0"),
    "c4": ("#806000", "#e6c25a"),
    "c5": ("#4d5965", "#b4bdc7"),
}
COLOURS = 6
DASHES = ("", "6 3", "2 2", "8 3 2 3", "10 4", "1 3")
_OWN = "\n".join(
    f".chart .s{n} {{ stroke: var(--c{n}); }} .chart .f{n} {{ fill: var(--c{n}); }}"
    + (f" .chart path.s{n}, .chart line.s{n} {{ stroke-dasharray: {DASHES[n]}; }}" if DASHES[n] else "")
    for n in range(COLOURS)
)
CHART_RULES = f"""
.chart {{ display: block; max-width: 30rem; height: auto; overflow: visible;
  font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }}
.chart.roomy {{ min-width: 34rem; max-width: 48rem; }}
.chart text {{ fill: var(--ink); font-variant-numeric: tabular-nums; }}
.chart .small {{ font-size: 11px; }}
.chart .faint {{ fill: var(--faint); }}
.chart .strong {{ font-weight: 600; }}
.chart .low {{ fill: var(--alarm); font-weight: 700; }}
.chart .grid {{ stroke: var(--line); stroke-width: 1; }}
.chart .axis {{ stroke: var(--faint); stroke-width: 1; }}
.chart .level {{ stroke: var(--faint); stroke-width: 1.2; stroke-dasharray: 4 3; fill: none; }}
.chart .whisker {{ stroke: var(--ink); stroke-width: 1.4; fill: none; }}
.chart .curve {{ stroke-width: 2; fill: none; stroke-linejoin: round; }}
.chart .between {{ fill-opacity: .16; stroke: none; }}
.chart .dot {{ stroke: var(--paper); stroke-width: 1.2; }}
.chart .badge {{ fill: var(--paper); stroke: var(--ink); stroke-width: 1.2; }}
.chart .bar {{ fill-opacity: .8; }}
.chart .sheet {{ fill: var(--paper); }}
.chart .inside {{ fill: var(--paper); font-weight: 600; }}
.chart .hull {{ stroke: var(--paper); stroke-width: 1.5; }}
{_OWN}
"""


def variables(place: int) -> str:
    """The palette as CSS variables: 0 for light, 1 for dark."""
    return " ".join(f"--{name}: {both[place]};" for name, both in PALETTE.items())


def stand_alone(svg: str) -> str:
    """A chart as a file of its own, with its colours and its paper."""
    found = re.match(r'<svg[^>]*? viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>', svg)
    assert found, "a chart begins with its svg element"
    width, height = float(found.group(1)), float(found.group(2))
    wide, high = f"{width * 1.5:g}", f"{height * 1.5:g}"
    opening = found.group(0).replace(' width="100%"', f' width="{wide}" height="{high}"')
    dark = f"@media (prefers-color-scheme: dark) {{ {_written_out(1)} }}"
    size = f".chart {{ max-width: none; width: {wide}px; height: {high}px }}"  # no page holds it
    style = f"<style>{_written_out(0)}{dark}{size}</style>"
    paper = f'<rect class="sheet" x="-12" y="-12" width="{width + 24:g}" height="{height + 24:g}"/>'
    moved = opening.replace(f'"0 0 {found.group(1)} {found.group(2)}"', f'"-12 -12 {width + 24:g} {height + 24:g}"')
    at = svg.index("</desc>") + len("</desc>")
    return f"{moved}{svg[found.end() : at]}{style}{paper}{svg[at:]}\n"


def to_svg_file(svg: str, file: Path) -> None:
    """Write a chart as a file of its own."""
    write_text_whole(file, stand_alone(svg))


def _written_out(place: int) -> str:
    rules = CHART_RULES
    return re.sub(r"var\(--([\w-]+)\)", lambda found: PALETTE[found.group(1)][place], rules)
