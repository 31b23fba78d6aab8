"""How a report looks: one column on a phone, contents beside the text on a desk, black on white on paper."""

from hatetinyllm.reporting.charts import CHART_RULES
from hatetinyllm.reporting.charts.style import variables

STYLE = f"""
:root {{ color-scheme: light dark; {variables(0)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {variables(1)} }} }}
* {{ box-sizing: border-box; }}
html {{ -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }}
body {{ margin: 0; color: var(--ink); background: var(--paper); overflow-wrap: break-word;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }}
.skip {{ position: absolute; left: -99rem; }}
.skip:focus {{ left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--paper); z-index: 1; }}
.whole {{ margin: 0 auto; padding: 1.25rem 1rem 4rem; max-width: 62rem; }}
h1, h2, h3, h4 {{ line-height: 1.25; text-wrap: balance; }}
h1 {{ font-size: 1.75rem; margin: .25rem 0 .4rem; letter-spacing: -.01em; }}
h2 {{ font-size: 1.35rem; margin: 0 0 .75rem; letter-spacing: -.005em; }}
article section > h3:first-child {{ font-size: 1.15rem; margin: 0 0 .75rem; }}
h3, h4 {{ font-size: 1rem; margin: 1.5rem 0 .5rem; }}
p {{ margin: 0 0 .75rem; max-width: 42rem; }}
a {{ color: var(--c0); text-underline-offset: .15em; }}
:focus-visible {{ outline: 2px solid var(--c0); outline-offset: 2px; border-radius: 2px; }}
ul {{ margin: 0 0 .75rem; padding-left: 1.2rem; max-width: 42rem; }}
li {{ margin: .2rem 0; }}
code, pre {{ font: .85em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
code {{ overflow-wrap: anywhere; }}
pre {{ margin: 0 0 .75rem; padding: .7rem .9rem; background: var(--band); border-radius: 6px; overflow-x: auto; }}
.eyebrow {{ margin: 0; color: var(--faint); font-size: .85rem; }}
.opening, .small, figcaption {{ color: var(--faint); }}
.small, figcaption {{ font-size: .85rem; line-height: 1.45; }}
.lead {{ font-size: 1.05rem; }}
.said {{ margin-top: 1rem; }}
section {{ margin: 3.25rem 0 0; }}
section > :last-child {{ margin-bottom: 0; }}
article {{ margin: 4rem 0 0; padding-top: 2rem; border-top: 2px solid var(--ink); }}
article section {{ margin-top: 2.5rem; }}
nav {{ margin: 1.25rem 0 0; padding: .8rem 1rem; background: var(--band); border-radius: 8px; font-size: .9rem; }}
nav p {{ margin: 0 0 .3rem; font-weight: 600; }}
nav ul {{ columns: 2 9rem; column-gap: 1rem; margin: 0; padding: 0; list-style: none; max-width: none; }}
nav li {{ margin: 0; break-inside: avoid; }}
nav a {{ display: block; padding: .22rem 0; color: inherit; text-decoration: none; }}
nav a:hover {{ text-decoration: underline; }}
.tiles {{ display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin: 1.25rem 0 0; }}
.tile {{ display: flex; flex-direction: column; min-width: 0; padding: .8rem .9rem; border: 1px solid var(--line);
  border-radius: 8px; }}
.tile.large {{ grid-column: 1 / -1; background: var(--band); border-color: transparent; }}
.tile .name {{ font-size: .85rem; color: var(--faint); }}
.tile .figure {{ font-size: 1.5rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }}
.tile.large .figure {{ font-size: 3rem; letter-spacing: -.02em; }}
.tile .between {{ font-size: .8rem; color: var(--faint); font-variant-numeric: tabular-nums; }}
.pair, .charts {{ display: grid; gap: 1.5rem 2.5rem; margin: 1.25rem 0; align-items: start;
  grid-template-columns: minmax(0, 1fr); }}
.pair h3, .pair h4, .charts h3, .charts h4 {{ margin-top: 0; }}
.flow {{ margin: 1.25rem 0; }}
.flow figure {{ break-inside: avoid; margin: 0 0 1.75rem; }}
.pair > div > .caption {{ margin-top: 0; }}
.flow h3, .flow h4 {{ margin-top: 0; }}
figure {{ margin: 0; min-width: 0; }}
figcaption {{ margin-top: .4rem; max-width: 30rem; }}
.wide {{ overflow-x: auto; margin: 0 0 1rem; min-width: 0; }}
table {{ border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }}
.caption {{ font-size: .9rem; font-weight: 600; margin: 1rem 0 .25rem; max-width: none; }}
th, td {{ padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: baseline; white-space: nowrap; }}
th:last-child, td:last-child {{ padding-right: 0; }}
th.number, td.number {{ text-align: right; }}
thead th {{ font-weight: 600; color: var(--faint); border-bottom: 1px solid var(--ink); vertical-align: bottom; }}
tbody th {{ font-weight: 400; }}
tbody th, tbody td {{ border-bottom: 1px solid var(--line); }}
tbody th[scope="row"], thead th:first-child {{ position: sticky; left: 0; background: var(--paper); }}
th .name {{ display: block; width: max-content; max-width: 9.5rem; white-space: normal; }}
th.heading {{ font-weight: 600; background: var(--band); }}
.wrong {{ color: var(--alarm); font-weight: 700; }}
.facts {{ margin: 0 0 1rem; max-width: 46rem; }}
.facts div {{ padding: .5rem 0; border-bottom: 1px solid var(--line); }}
.facts dt {{ font-size: .85rem; color: var(--faint); }}
.facts dd {{ margin: 0; }}
details {{ margin: .75rem 0; }}
summary {{ cursor: pointer; font-weight: 600; padding: .3rem 0; }}
details[open] > summary {{ margin-bottom: .5rem; }}
.warning {{ max-width: 46rem; margin: 1rem 0; padding: .7rem 1rem; background: var(--alarm-band);
  border-left: 4px solid var(--alarm); border-radius: 0 6px 6px 0; }}
.warning strong {{ color: var(--alarm); }}
.rows {{ margin: 0; padding: 0; list-style: none; }}
.rows li {{ padding: .4rem 0; border-bottom: 1px solid var(--line); margin: 0; }}
.rows li > * + * {{ margin-left: .75rem; }}
.rows .score {{ font-variant-numeric: tabular-nums; font-weight: 600; }}
.rows details.text {{ margin: .15rem 0 0; }}
.text summary {{ margin-left: 1.1rem; font-weight: 400; color: var(--faint); overflow-wrap: anywhere;
  list-style-position: outside; }}
.text p {{ margin: .3rem 0 .3rem 1.1rem; }}
footer {{ margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--faint); font-size: .85rem; }}
@media (min-width: 44rem) {{
  .whole {{ padding: 2rem 2rem 5rem; }}
  h1 {{ font-size: 2.1rem; }}
  .tiles {{ grid-template-columns: 1.6fr 1fr 1fr 1fr; }}
  .tile.large {{ grid-column: auto; }}
  .tile {{ justify-content: flex-end; }}
  th .name {{ max-width: 18rem; }}
  .pair, .charts {{ grid-template-columns: repeat(2, minmax(0, 1fr)); }}
  .facts div {{ display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 1rem; }}
  .pair .facts div {{ grid-template-columns: 7rem minmax(0, 1fr); }}
  .facts dt {{ font-size: .9rem; }}
  nav ul {{ columns: 4 9rem; }}
  .flow {{ columns: 2; column-gap: 2.5rem; }}
}}
{CHART_RULES}
@media print {{
  :root {{ color-scheme: light; {variables(0)} }}
  @page {{ margin: 14mm; }}
  body {{ font-size: 9.5pt; }}
  .whole {{ max-width: none; padding: 0; }}
  nav, .skip {{ display: none; }}
  section {{ margin-top: 1.75rem; }}
  h2, h3, h4, .caption {{ break-after: avoid; }}
  figure, tr, .tile, .warning, .facts div {{ break-inside: avoid; }}
  .wide {{ overflow: visible; }}
  table {{ font-size: 8pt; }}
  tbody th[scope="row"], thead th:first-child {{ position: static; }}
  .pair, .charts {{ grid-template-columns: repeat(2, minmax(0, 1fr)); }}
  .flow {{ columns: 2; }}
  .chart.roomy {{ min-width: 0; }}
  a {{ color: inherit; }}
}}
"""
