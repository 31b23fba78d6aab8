"""
A recipe: what a run is made of, in TOML, checked whole before any data is read.

A recipe has sections. Some name a registered part (`[model] name = "scratch"`) and hold its options, the others hold
the options of one fixed function. Which sections there are is told by the caller: this file knows no part of the
project, only signatures. Unknown keys are errors, all problems are told at once, and what is stored afterwards is the
resolved recipe, with every default written out.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from hatetinyllm.config.preset import PRESET, preset_names, without_preset
from hatetinyllm.config.signature import REQUIRED, Option, read_options, spell
from hatetinyllm.errors import RecipeError, did_you_mean
from hatetinyllm.types import Choice, Range

Section = str | Mapping[str, str]  # the place of one function, or a table of names and places
RESERVED = ("plugins",)
ABSENT = "not stated"


class Assumed(dict[str, str]):
    """A table of a section that may be left out: the name that is taken then."""

    def __init__(self, places: Mapping[str, str], name: str) -> None:
        super().__init__(places)
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A checked recipe: for every section the chosen name and all of its options."""

    sections: Mapping[str, Choice]
    plugins: tuple[str, ...] = ()

    def __getitem__(self, section: str) -> Choice:
        return self.sections[section]


def read_recipe(path: Path) -> dict[str, Any]:
    """The TOML of a file, not yet checked."""
    try:
        return read_toml(path.read_text(encoding="utf-8"), where=str(path))
    except IsADirectoryError as error:
        raise RecipeError(f"{str(path)!r} is a folder: name a recipe in it") from error
    except FileNotFoundError as error:
        beside = [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise RecipeError(f"there is no recipe {str(path)!r} ({did_you_mean(path.name, beside)})") from error
    except (UnicodeDecodeError, OSError) as error:
        raise RecipeError(f"{path} cannot be read: {error}") from error


def read_toml(text: str, *, where: str) -> dict[str, Any]:
    """A recipe's TOML, not yet checked."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{where} is no TOML: {error}") from error


def with_settings(
    given: Mapping[str, Any], settings: Sequence[str], sections: Mapping[str, Section] | None = None
) -> dict[str, Any]:
    """
    The recipe with `section.key=value` laid over it; a value that is no TOML is taken as text.

    Where the sections are told, a part that takes the place of another leaves behind what only that one knew.
    """
    changed = {name: dict(value) if isinstance(value, Mapping) else value for name, value in given.items()}
    problems = []
    for setting in sorted(settings, key=_names_no_part):  # names first: what is set of a new part stays
        path, equals, text = setting.partition("=")
        section, dot, key = path.strip().partition(".")
        if not (equals and dot and section and key):
            problems.append(f"{setting!r} is not of the form section.key=value")
        elif not isinstance(changed.setdefault(section, {}), dict):
            problems.append(f"{setting!r}: {section!r} is no section")
        else:
            value = _value(text.strip())
            if key == "name" and sections and section in sections:
                changed[section] = under_name(changed[section], value, sections[section])
            changed[section][key] = value
    if problems:
        raise RecipeError("--set cannot be read", problems)
    return changed


def _names_no_part(setting: str) -> bool:
    return not setting.partition("=")[0].strip().endswith(".name")


def under_name(stated: Mapping[str, Any], name: Any, section: Section) -> dict[str, Any]:
    """What is stated of a section as far as the part of this name knows it, if that is another one than before."""
    if isinstance(section, str) or not isinstance(name, str) or name not in section or stated.get("name") in (None, name):
        return dict(stated)
    known = {"name", *(option.name for option in read_options(section[name]))}
    return {key: value for key, value in stated.items() if key in known}


def resolve(given: Mapping[str, Any], sections: Mapping[str, Section]) -> Recipe:
    """The recipe with its preset and every default filled in, or one error that names all that is wrong."""
    given, problems = without_preset(given)
    problems += [
        f"unknown section [{name}] ({did_you_mean(name, sections)})" for name in given if name not in (*sections, *RESERVED)
    ]
    chosen = {}
    for name, section in sections.items():
        value = given.get(name, {"name": section.name} if isinstance(section, Assumed) else {})
        if not isinstance(value, Mapping):
            problems.append(f"[{name}] must be a section, got {value!r}")
            continue
        found = _choose(name, section, value)
        if isinstance(found, Choice):
            chosen[name] = found
        else:
            problems += found
    if problems:
        raise RecipeError("the recipe cannot be followed", problems)
    return Recipe(sections=chosen, plugins=tuple(given.get("plugins", ())))


def to_toml(recipe: Recipe, sections: Mapping[str, Section]) -> str:
    """The resolved recipe as TOML that reads back as the same recipe; what was left out stays out."""
    lines = [f"plugins = {_toml(recipe.plugins)}"] if recipe.plugins else []
    for name, choice in recipe.sections.items():
        lines += ["", f"[{name}]"]
        if not isinstance(sections[name], str):
            lines.append(f"name = {_toml(choice.name)}")
        lines += [f"{key} = {_toml(value)}" for key, value in choice.options.items() if value is not None]
    return "\n".join(lines).strip() + "\n"


def differences(before: str, after: str) -> list[str]:
    """What differs between two resolved recipes, an option a line."""
    was, now = (_flat(read_toml(text, where="a recipe that was kept")) for text in (before, after))
    pairs = ((key, was.get(key, ABSENT), now.get(key, ABSENT)) for key in {**was, **now})
    return [f"{key} was {old}, is {new}" for key, old, new in pairs if old != new]


def _flat(given: Mapping[str, Any]) -> dict[str, str]:
    """Every option under `section.key`, in TOML's words."""
    found: dict[str, str] = {}
    for name, value in given.items():
        options = {f"{name}.{key}": own for key, own in value.items()} if isinstance(value, Mapping) else {name: value}
        found |= {key: _toml(own) for key, own in options.items()}
    return found


def write_template(
    chosen: Mapping[str, str],
    sections: Mapping[str, Section],
    values: Mapping[str, Any] | None = None,
    notes: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """A commented recipe with every option of the chosen parts, at `values` or else its default, for a person to edit."""
    values, notes = values or {}, notes or {}
    lines = []
    for name, section in sections.items():
        lines += ["", f"[{name}]"]
        place = section
        if not isinstance(section, str):
            part = section.name if isinstance(section, Assumed) and name not in chosen else chosen[name]
            place = section[part]
            lines.append(_commented(f'name = "{part}"', f"one of {', '.join(sorted(section))}"))
        assert isinstance(place, str)
        given, noted = values.get(name, {}), notes.get(name, {})
        lines += [
            _template_line(option, given.get(option.name, option.default), noted.get(option.name, ""))
            for option in read_options(place)
        ]
    return "\n".join(lines).strip() + "\n"


def schema(sections: Mapping[str, Section]) -> dict[str, Any]:
    """The JSON schema of all recipes these sections allow."""
    properties: dict[str, Any] = {"plugins": {"type": "array", "items": {"type": "string"}}, PRESET: {"enum": preset_names()}}
    for name, section in sections.items():
        if isinstance(section, str):
            properties[name] = _model(name, read_options(section)).model_json_schema()
        else:
            properties[name] = {"oneOf": [_named_schema(name, part, section[part]) for part in sorted(section)]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A HateTinyLLM recipe",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _choose(section: str, places: Section, given: Mapping[str, Any]) -> Choice | list[str]:
    """A section's choice, or what is wrong with it."""
    options = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    name, place = section, places
    if not isinstance(places, str):
        name = str(options.pop("name", ""))
        if name not in places:
            if name:
                return [f"[{section}] there is no {section} {name!r} ({did_you_mean(name, places)})"]
            near = get_close_matches("name", options, n=1)
            return [f"[{section}] 'name' is missing" + (f": is it {near[0]!r}?" if near else f" ({did_you_mean('', places)})")]
        place = places[name]
    assert isinstance(place, str)
    known = read_options(place)
    try:
        checked = _model(section, known)(**options)
    except ValidationError as error:
        return list(_problems(section, error, known, {} if isinstance(places, str) else places))
    return Choice(name=name, options={option.name: getattr(checked, option.name) for option in known})


def _model(section: str, options: Sequence[Option]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for option in options:
        default = ... if option.default is REQUIRED else option.default
        fields[option.name] = (_ranged(option.annotation), Field(default, description=option.help or None))
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())
    made: type[BaseModel] = create_model(f"{section.capitalize()}Options", __config__=config, **fields)
    return made


def _ranged(annotation: Any) -> Any:
    """The annotation with our ranges said in pydantic's words."""
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, *marks = get_args(annotation)
    limits: dict[str, Any] = {}
    for mark in marks:
        if isinstance(mark, Range):
            limits["gt" if mark.open else "ge"] = mark.low
            if mark.high is not None:
                limits["lt" if mark.below else "le"] = mark.high
    return Annotated[kind, Field(**limits)]


def _named_schema(section: str, name: str, place: str) -> dict[str, Any]:
    made = _model(section, read_options(place)).model_json_schema()
    made["title"] = f"{section} {name}"
    made["properties"] = {"name": {"const": name}, **made.get("properties", {})}
    made["required"] = ["name", *made.get("required", [])]
    return made


def _problems(section: str, error: ValidationError, known: Sequence[Option], parts: Mapping[str, str]) -> Iterator[str]:
    """Pydantic's findings in our words, one a key."""
    options = {option.name: option for option in known}
    told = set()
    for found in error.errors():
        key = str(found["loc"][0])
        if key in told:
            continue
        told.add(key)
        if found["type"] == "extra_forbidden":
            owners = [name for name, place in sorted(parts.items()) if any(option.name == key for option in read_options(place))]
            hint = f"it is one of {', '.join(owners)}: delete it" if owners else did_you_mean(key, options)
            yield f"[{section}] unknown key {key!r} ({hint})"
        elif found["type"] == "missing":
            yield f"[{section}] {key!r} is missing: {spell(options[key].annotation)}"
        else:
            value = found["input"]
            near = get_close_matches(str(value), map(str, get_args(options[key].annotation)), n=1)
            hint = f" (did you mean {near[0]!r}?)" if near and found["type"] == "literal_error" else ""
            yield f"[{section}] {key!r} must be {spell(options[key].annotation)}, got {value!r}{hint}"


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML forbids it as it is


def _template_line(option: Option, value: Any, note: str) -> str:
    """An option at its value; one without a value to show stands as a comment. A note says where the value is from."""
    said = (option.help or spell(option.annotation)) + (f" ({note})" if note else "")
    if value is None or value is REQUIRED:
        return _commented(f"# {option.name} =", said)
    return _commented(f"{option.name} = {_toml(value)}", said)


def _commented(line: str, comment: str) -> str:
    return f"{line:<36}  # {comment}"
