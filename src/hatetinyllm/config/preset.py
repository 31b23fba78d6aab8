"""
Presets: fragments of recipes that ship with the package, laid UNDER a recipe that asks for one by `preset = "paper-lora"`.

The recipe's own keys win. Where it names another part than the preset, as `[tuning] name = "full"` over paper-lora, the two
contradict each other, and that is an error: half a preset would still be called by its name. Nothing of a preset is left in
what a run stores: the resolved recipe has every value written out. The comments of a preset say what is the paper's and what
is our choice.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from hatetinyllm.errors import RecipeError, did_you_mean

PRESET = "preset"  # the key of a recipe
PRESETS = ("label-words", "label-words-definition", "paper-houlsby", "paper-lora", "paper-scale")  # a file each
COMMENTED = re.compile(r"^(\w+) = .*  # (.+)$")


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What a preset sets, and what it says of each value."""

    name: str
    about: str  # its first line
    values: Mapping[str, Mapping[str, Any]]
    notes: Mapping[str, Mapping[str, str]]


def preset_names() -> list[str]:
    """All presets there are."""
    return list(PRESETS)


def read_preset(name: str) -> Preset:
    """A preset by its name; an unknown one is an error with the nearest right word."""
    if problem := wrong_preset(name):
        raise RecipeError(problem)
    text = files("hatetinyllm.config").joinpath("presets", f"{name}.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    return Preset(name=name, about=lines[0].removeprefix("# "), values=tomllib.loads(text), notes=_notes(lines))


def wrong_preset(name: object) -> str:
    """What is wrong with the word for a preset; empty for a right one."""
    known = preset_names()
    return "" if name in known else f"there is no preset {name!r} ({did_you_mean(str(name), known)})"


def without_preset(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The recipe with its preset laid under it and the word itself taken out, and what is wrong with the word."""
    own = {name: value for name, value in given.items() if name != PRESET}
    if PRESET not in given:
        return own, []
    if problem := wrong_preset(given[PRESET]):
        return own, [problem]
    preset = read_preset(given[PRESET])
    return laid_under(own, preset.values), contradictions(own, preset) or without_effect(own, preset)


def without_effect(given: Mapping[str, Any], preset: Preset) -> list[str]:
    """A recipe that states all of a preset's options, and other values, as those that `init` writes do."""
    changed = [
        f"{section}.{option}"
        for section, options in preset.values.items()
        for option, value in options.items()
        if given.get(section, {}).get(option, value) != value
    ]
    if not changed or laid_under(given, preset.values) != given:
        return []
    told = (
        f"preset {preset.name!r} changes nothing: the recipe states all of its options itself, {', '.join(changed[:4])} otherwise"
    )
    return [f"{told}; a recipe with its values: hatetinyllm init --preset {preset.name}"]


def contradictions(given: Mapping[str, Any], preset: Preset) -> list[str]:
    """The sections in which a recipe names another part than the preset."""
    problems = []
    for section, under in preset.values.items():
        own = given.get(section, {})
        name = own.get("name", under.get("name")) if isinstance(own, Mapping) else under.get("name")
        if name != under.get("name"):
            told = f"preset {preset.name!r} is for {section} {under.get('name')!r}, and {name!r} is named"
            problems.append(f"{told}: leave one out, or change what `hatetinyllm init --preset {preset.name}` writes")
    return problems


def laid_under(given: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The recipe, with these values where it has none of its own."""
    laid = dict(given)
    for section, under in values.items():
        own = given.get(section, {})
        if isinstance(own, Mapping) and own.get("name", under.get("name")) == under.get("name"):
            laid[section] = {**under, **own}
    return laid


def _notes(lines: list[str]) -> dict[str, dict[str, str]]:
    """The comment behind each value."""
    notes: dict[str, dict[str, str]] = {}
    section = ""
    for line in lines:
        if line.startswith("["):
            section = line.strip("[]")
        elif found := COMMENTED.match(line):
            notes.setdefault(section, {})[found[1]] = found[2]
    return notes
