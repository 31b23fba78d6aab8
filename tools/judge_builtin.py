"""
Judges the built-in model once it ships, with the project's own functions.

python tools/judge_builtin.py    writes docs/results/builtin.json and the card docs/builtin.md

    its own test part     every head its rows answer, with intervals, beside TF-IDF; groups of people and swapped terms
    three seeds           the same by each seed of the last stage, where runs/builtin/final is here
    the starter suite     by function
    CAT, in context       toxicity, beside the scores that the Perspective API gave in 2020
    its size              bytes, parameters
    its sources           with their licences, and what all of them together ask for

Every look at a test part is printed as a line for docs/log.md.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import prod
from pathlib import Path
from typing import Any

from builtin_figures import Figures, by_head, of_perspective
from hatetinyllm.builtin.place import BUILTIN, bundle_folder
from hatetinyllm.bundle import read_bundle
from hatetinyllm.cli.output import say_error
from hatetinyllm.config.recipe import read_toml
from hatetinyllm.data import DATASETS
from hatetinyllm.data.dataset import card_of
from hatetinyllm.data.licence import LICENCES, UNRECORDED, say_effective
from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.evaluation.judge import Plan
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.evaluation.seeds import spread_of
from hatetinyllm.evaluation.stored import figures_of
from hatetinyllm.evaluation.terms import read_terms
from hatetinyllm.folder import write_text_whole
from hatetinyllm.inference.detector import Detector
from hatetinyllm.models.weights import read_shapes
from hatetinyllm.plain import plain, to_json
from hatetinyllm.reporting.about import read_about
from hatetinyllm.reporting.card import card_markdown, model_card
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.suite import suite_in
from hatetinyllm.reporting.table import Column, Table, cells, to_markdown
from hatetinyllm.studies.check import check_suite
from hatetinyllm.studies.judge import Wanted, judge_bundle
from hatetinyllm.studies.outcome import stored
from hatetinyllm.training.unseen import unseen_rows
from hatetinyllm.types import Example
from kept_decoder import read_kept, sources_in

ROOT = Path(__file__).resolve().parent.parent
TERMS = "terms, the default list"
OF_A_SOURCE = ("name", "licences", "upstream")


@dataclass(frozen=True, kw_only=True)
class Places:
    """What is read beside the bundle, and where the results go."""

    results: Path = Path("docs/results")
    card: Path = Path("docs/builtin.md")
    about: Path = Path("recipes/builtin/card.toml")
    kept: Path = Path("recipes/builtin/decoder")
    runs: Path = Path("runs/builtin")


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that was measured."""

    judgement: Judgement
    heads: Figures
    seeds: Mapping[str, Any]
    suite: Mapping[str, Any]
    perspective: Mapping[str, Any]
    size: Mapping[str, Any]
    sources: Sequence[Mapping[str, Any]]
    licence: str


def measure(places: Places, *, swaps: int = 1000) -> Found:
    """Ask the built-in model about everything; where there is none, that is told."""
    detector = Detector.open(bundle_folder(BUILTIN))
    plan = Plan(groups=read_terms(), terms=TERMS, swaps=swaps)
    judgement = judge_bundle(detector, Wanted(), plan)
    unseen = unseen_rows(detector.bundle, None, "test", ())
    checked = check_suite("starter", BUILTIN)
    suite = stored(checked.result, figures=checked.figures)
    manifest = detector.bundle.manifest
    licences = manifest.data.licences if manifest.data else (UNRECORDED,)
    return Found(
        judgement=replace(judgement, name=BUILTIN),
        heads=by_head(detector, unseen.examples),
        seeds=_of_seeds(places.runs / "final", unseen.examples),
        suite=json.loads(to_json(suite)),
        perspective=of_perspective(detector),
        size=_size(),
        sources=_sources(places, manifest.recipe, manifest.data.name if manifest.data else ""),
        licence=say_effective(licences, [manifest.base_licence] if manifest.base_licence else []),
    )


def content_of(found: Found) -> dict[str, Any]:
    """What docs/results keeps: figures and ids of no row, and nothing of any text."""
    judged = {key: value for key, value in figures_of(found.judgement).items() if key not in ("manifest", "contrasts")}
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "identity": found.judgement.identity,
        "judgement": plain(judged),
        "heads": plain(found.heads),
        "seeds": plain(found.seeds),
        "suite": {name: found.suite[name] for name in ("suite", "digest", "decided", "figures")},
        "cat": plain(found.perspective),
        "size": found.size,
        "sources": found.sources,
        "licence": found.licence,
    }


def card_of_builtin(found: Found, places: Places) -> str:
    """The card that `report` makes, and below it what no other model's card has."""
    about = dict(read_about(places.about))
    about.setdefault("trained_parameters", f"{found.size['parameters']:,}, all of them")
    about.setdefault("base_model", "a decoder of this project's own, from random weights; its texts stand under Sources")
    about.setdefault("obfuscation", _disguises(places, found.judgement.identity))
    audit = _audit(places, found.judgement)
    subject = Subject(judgement=found.judgement, suites=(suite_in(found.suite, "starter"),), audit=audit)
    card = model_card([subject], about)
    metadata = {key: value for key, value in card.metadata.items() if key != "base_model"}  # no model of the hub's
    names = dict.fromkeys([*metadata["datasets"], *(one["name"] for one in found.sources if one["name"] in DATASETS)])
    made = card_markdown(replace(card, metadata={**metadata, "datasets": list(names)}))
    return "\n".join([made, *(to_markdown(table) for table in (_heads(found), _beside(found), _sources_table(found)))])


def log_lines(found: Found) -> Iterator[str]:
    """A line for docs/log.md for each test part that was looked at."""
    result, judged = found.judgement.result, found.judgement.judged
    day, who = datetime.now(UTC).date().isoformat(), f"built-in {found.judgement.identity[7:19]}, tools/judge_builtin.py"
    told = f"macro-F1 {_figure(result.metrics['macro_f1'])}, ECE {_figure(result.metrics['ece_pos'])}"
    yield f"- {day}: {judged.name} {judged.part} ({judged.how}), {result.rows:,} rows, {who}: {told}."
    if found.seeds:
        one = found.seeds["macro_f1"]
        yield f"- {day}: the same rows by {one.seeds} seeds of the last stage: macro-F1 {one.mean:.3f} ± {one.deviation:.3f}."
    if "auroc" in found.perspective:
        told = f"toxicity AUROC {_figure(found.perspective['auroc'])}"
        yield f"- {day}: cat test, {found.perspective['rows']:,} rows, {who}: {told}."


def _of_seeds(run: Path, examples: Sequence[Example]) -> Mapping[str, Any]:
    """The spread over the seeds of the last stage, on the same rows; nothing where they are not here."""
    bundles = sorted(path.parent for path in run.glob("seed-*/bundle/manifest.json"))
    detectors = [Detector.open(bundle) for bundle in bundles]
    found = [evaluate(one.scores, examples, one.heads[0], name=one.bundle.folder.parent.name) for one in detectors]
    return spread_of(found) if len(found) > 1 else {}


def _size() -> dict[str, Any]:
    bundle = read_bundle(bundle_folder(BUILTIN))
    files = {name: (bundle.folder / name).stat().st_size for name in sorted(bundle.files)}
    parameters = sum(map(prod, read_shapes(bundle.weights).values()))
    return {"parameters": parameters, "weights_bytes": bundle.weights.stat().st_size, "bundle_bytes": sum(files.values())}


def _sources(places: Places, recipe: str, own: str) -> list[dict[str, Any]]:
    """Every source, what it was read for, and its licences: labelled sets first, then texts."""
    words = [own, *_beside_in(recipe)]
    cards = {name: card_of(name) for name in dict.fromkeys(word.partition(":")[0] for word in words) if name in DATASETS}
    labelled = [
        {"name": name, "read_for": "labels", "licences": [card.licence], "upstream": [card.source], "citation": card.citation}
        for name, card in cards.items()
        if card
    ]
    kept = read_kept(places.kept)
    runs = [places.runs / name for name in ("decoder", "onwards") if (places.runs / name / "corpus" / "corpus.json").is_file()]
    texts = sources_in(runs) if runs else kept.sources() if kept else []
    return [*labelled, *({"read_for": "text alone", **{key: one.get(key, []) for key in OF_A_SOURCE}} for one in texts)]


def _beside_in(recipe: str) -> list[str]:
    found: list[str] = read_toml(recipe, where="the bundle's recipe").get("beside", {}).get("datasets", [])
    return found


def _audit(places: Places, judgement: Judgement) -> Mapping[str, Any] | None:
    """The audit of the split it was judged on, where one stands among the results."""
    path, judged = places.results / "audit.json", judgement.judged
    audits = json.loads(path.read_text(encoding="utf-8")).get(judged.name, []) if path.is_file() else []
    found: list[Mapping[str, Any]] = [one for one in audits if judged.how.startswith(one["how"])]
    return max(found, key=lambda one: len(one["how"]), default=None)


def _disguises(places: Places, identity: str) -> str:
    """What `benchmarks/disguises.py` measured of this very bundle; nothing of another."""
    path = places.results / "disguises.json"
    said = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if said.get("bundle") != identity:
        return ""
    lost = ", ".join(f"{kind} {one['loss_points']:.1f}" for kind, one in said["disguised"].items())
    return f"Points of macro-F1 lost on {said['data']} with {said['share_of_words']:.0%} of the words disguised: {lost}."


def _heads(found: Found) -> Table:
    rows = [
        cells(
            part, one.head, f"{one.rows:,}", *(_with_interval(one, name) for name in ("macro_f1", "mean_f1", "auroc", "ece_pos"))
        )
        for part, results in found.heads.items()
        for one in results
    ]
    names = ("rows", "macro-F1", "mean F1 of labels", "AUROC", "ECE")
    columns = (Column(name="part"), Column(name="head"), *(Column(name=name, number=True) for name in names))
    note = "dev rows had a part in the choice of weights and in the calibration: such figures flatter"
    many = "where a head has many labels, a row is a text and a label"
    return Table(title="Every head", columns=columns, rows=tuple(rows), footnotes=(f"{note}; {many}",))


def _beside(found: Found) -> Table:
    said = {key: _figure(value) if isinstance(value, float) else str(value) for key, value in found.perspective.items()}
    rows = [cells(key.replace("_", " "), value) for key, value in said.items() if key != "intervals"]
    rows += [cells(key.replace("_", " "), f"{value:,}") for key, value in found.size.items()]
    title = "Toxicity beside the Perspective API, on CAT's test rows; size"
    return Table(title=title, columns=(Column(name=""), Column(name="", number=True)), rows=tuple(rows))


def _sources_table(found: Found) -> Table:
    rows = [
        cells(one["name"], one["read_for"], " and ".join(_licence(id) for id in one["licences"]), " ".join(one["upstream"]))
        for one in found.sources
    ]
    columns = tuple(Column(name=name) for name in ("source", "read for", "licence", "from"))
    return Table(title="Sources", columns=columns, rows=tuple(rows), footnotes=(f"All of them together: {found.licence}.",))


def _licence(id: str) -> str:
    return LICENCES[id].name if id in LICENCES else id


def _with_interval(result: Any, name: str) -> str:
    value, between = result.metrics.get(name), result.intervals.get(name)
    return _figure(value) + (f" [{between.low:.3f}, {between.high:.3f}]" if value is not None and between else "")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def main(words: list[str] | None = None) -> int:
    """Measures, writes, and prints what is to be logged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("results", "card", "about", "kept", "runs"):
        parser.add_argument(f"--{name}", type=Path, default=getattr(Places, name))
    parser.add_argument("--swaps", type=int, default=1000, help="texts asked again with other people named")
    asked = vars(parser.parse_args(words))
    os.chdir(ROOT)
    swaps = asked.pop("swaps")
    places = Places(**asked)
    try:
        found = measure(places, swaps=swaps)
        print("for docs/log.md:", *log_lines(found), sep="\n", flush=True)
        places.results.mkdir(parents=True, exist_ok=True)
        write_text_whole(places.results / "builtin.json", to_json(content_of(found), indent=1) + "\n")
        write_text_whole(places.card, card_of_builtin(found, places))  # last: a card that lacks something is refused
    except HateTinyLLMError as error:
        say_error("error", error.message, error.problems, as_json=False)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
