"""What made these figures: identities, versions, seeds, dates, and the recipe."""

import re

from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.markup import command, facts, folded, grid, tag, text
from hatetinyllm.reporting.report.sources import base_words
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.table import Column, cells

SEED = re.compile(r"^seed = (\d+)$", re.MULTILINE)


def provenance_of(subject: Subject) -> str:
    """Names and values, the thresholds of all modes, and the recipe."""
    judgement, manifest = subject.judgement, subject.judgement.manifest
    drawn = judgement.drawn
    found = {
        "Detector": text(judgement.name),
        "Identity": tag("code", text(judgement.identity)),
        "Base model": text(base_words(subject)) if manifest else "",
        "Model": text(_choice(manifest.get("model"))),
        "Tuning": text(_choice(manifest.get("tuning"))),
        "Text settings": text(_options(manifest.get("text") or {})),
        "Temperature": text(_options(manifest.get("temperatures") or {})),
        "Trained": text(_stamp(manifest.get("made_at", ""), manifest.get("made_with") or {})),
        "Judged": text(_stamp(judgement.made_at, judgement.made_with)),
        "Seeds": text(f"intervals {drawn.seed}" + "".join(f", {said}" for said in _seeds(str(manifest.get("recipe", ""))))),
        "Digest of the judged rows": tag("code", text(judgement.judged.digest)),
    }
    recipe = str(manifest.get("recipe") or "")
    return facts(found) + _modes(subject) + (folded("The recipe", command(recipe.rstrip())) if recipe else "")


def without_seeds(recipe: str) -> str:
    """A recipe without its seeds: two recipes that differ in nothing else are one model, trained again."""
    return SEED.sub("", recipe)


def _seeds(recipe: str) -> list[str]:
    found, section = [], ""
    for line in recipe.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif match := SEED.match(line):
            found.append(f"{section} {match.group(1)}")
    return found


def _modes(subject: Subject) -> str:
    bands = subject.judgement.bands
    if not bands:
        return ""
    columns = [
        Column(name="mode"),
        Column(name=f"{subject.positive} from", number=True),
        Column(name=f"{subject.negative} below", number=True),
    ]
    rows = [cells(mode, share(band.high, 4), share(band.low, 4)) for mode, band in sorted(bands.items())]
    return grid("Modes and their thresholds", columns, rows)


def _choice(choice: object) -> str:
    if not isinstance(choice, dict):
        return ""
    options = _options(choice.get("options") or {})
    return f"{choice.get('name', '')}{f' ({options})' if options else ''}"


def _options(options: object) -> str:
    assert isinstance(options, dict), options
    return ", ".join(f"{key} {value}" for key, value in sorted(options.items()) if value not in (None, "", (), []))


def _stamp(at: str, versions: object) -> str:
    told = _options(dict(versions)) if isinstance(versions, dict) else ""
    return ", ".join(part for part in (at, f"with {told}" if told else "") if part)
