"""
What a sweep tries: a stretch of numbers or a few choices for each of some options, read from words and held against a recipe.

An option that only some of the swept parts have, as `tuning.rank` where `tuning.name` is lora or houlsby, is tried with these
and left out with the others. Rows are the same in every trial, so nothing that chooses or parts them can be swept.
"""

import json
import math
import tomllib
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hatetinyllm.config.recipe import Assumed, Section, under_name
from hatetinyllm.config.signature import Option, read_options
from hatetinyllm.errors import RecipeError, did_you_mean

LOG_FROM = 100.0  # a stretch whose ends lie so many times apart is tried by its orders of magnitude
SCALES = ("log", "linear")
NAME = "name"
SAME_ROWS = "every trial must read the same rows and answer the same question"
UNSWEPT: Mapping[str, str] = {
    **dict.fromkeys(("data", "sample", "split", "beside", "heads", "text.max_characters"), SAME_ROWS),
    "bundle": "it changes no score of the dev part",
    "train.seed": "the best of several seeds is luck; `train --seeds` tells how far they lie apart",
}


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of numbers, both ends among them."""

    place: str  # section.key
    low: float
    high: float
    whole: bool = False  # whole numbers alone
    log: bool = False

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that show whether all between can be followed."""
        return (self.low, self.high)

    @property
    def said(self) -> str:
        """In words, as they are read."""
        return f"{self.low:g}..{self.high:g} {'log' if self.log else 'linear'}"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A few values of any kind."""

    place: str
    values: tuple[Any, ...]

    @property
    def ends(self) -> tuple[Any, ...]:
        """Every value."""
        return self.values

    @property
    def said(self) -> str:
        """In words, as they are read."""
        return ", ".join(value if isinstance(value, str) else json.dumps(value) for value in self.values)


Axis = Span | Choices
Values = Mapping[str, Any]  # section.key -> the value that is tried


def read_over(words: Sequence[str]) -> dict[str, str]:
    """`section.key=values` as place and values."""
    pairs = [word.partition("=") for word in words]
    problems = [
        f"{word!r} is not of the form section.key=values" for word, (_, equals, _) in zip(words, pairs, strict=True) if not equals
    ]
    found: dict[str, str] = {}
    for place, _, values in pairs:
        if place.strip() in found:
            problems.append(f"{place.strip()} is named twice: give all its values at once")
        found[place.strip()] = values.strip()
    if problems:
        raise RecipeError("--over cannot be read", problems)
    return found


def flat(over: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's table of what is swept, by places: TOML reads `train.epochs = "1..5"` as a table in a table."""
    found: dict[str, Any] = {}
    for section, value in over.items():
        inner = value.items() if isinstance(value, Mapping) else ()
        found |= {f"{section}.{key}": one for key, one in inner} if inner else {section: value}
    return found


def read_space(over: Mapping[str, Any], stated: Mapping[str, Any], sections: Mapping[str, Section]) -> tuple[Axis, ...]:
    """What is swept over a recipe of these stated values; all that is wrong is told at once. Names come first."""
    problems: list[str] = []
    axes: list[Axis] = []
    parts: dict[str, tuple[Any, ...]] = {}  # section -> the parts that are tried
    for place, values in sorted(flat(over).items(), key=lambda item: not item[0].endswith(f".{NAME}")):
        try:
            axis = _read_axis(place, values, _annotation(place, stated, sections, parts))
        except RecipeError as error:
            problems += error.problems
            continue
        axes.append(axis)
        if isinstance(axis, Choices) and place.endswith(f".{NAME}"):
            parts[place.partition(".")[0]] = axis.values
    if problems:
        raise RecipeError("the recipe cannot be swept", problems)
    return tuple(axes)


def applying(space: Sequence[Axis], names: Values, stated: Mapping[str, Any], sections: Mapping[str, Section]) -> list[Axis]:
    """The options that the parts of these names have, without the names themselves."""
    return [axis for axis in space if not is_name(axis) and _has(axis.place, names, stated, sections)]


def laid_over(stated: Mapping[str, Any], values: Values, sections: Mapping[str, Section]) -> dict[str, Any]:
    """The recipe of a trial. What is stated for another part than the one that is tried is left out."""
    changed = {name: dict(value) if isinstance(value, Mapping) else value for name, value in stated.items()}
    for place, value in values.items():
        section, _, key = place.partition(".")
        own = changed.setdefault(section, {})
        if key == NAME:
            changed[section] = own = under_name(own, value, sections[section])
        own[key] = value
    return changed


def probes(space: Sequence[Axis], stated: Mapping[str, Any], sections: Mapping[str, Section]) -> Iterator[dict[str, Any]]:
    """Values that show whether all of a space can be followed: every part, and with it both ends of each option."""
    for names in each_naming(space):
        axes = applying(space, names, stated, sections)
        first = {**names, **{axis.place: axis.ends[0] for axis in axes}}
        yield first
        yield from ({**first, axis.place: value} for axis in axes for value in axis.ends[1:])


def grid(space: Sequence[Axis], stated: Mapping[str, Any], sections: Mapping[str, Section]) -> list[dict[str, Any]]:
    """Every combination, in order; a stretch of whole numbers is all of them, of others there are too many."""
    endless = [axis for axis in space if isinstance(axis, Span) and (not axis.whole or axis.log)]
    if endless:
        told = [
            f"{axis.place}={axis.said}: name the values of a grid, as {axis.place}={axis.low:g},{axis.high:g}" for axis in endless
        ]
        raise RecipeError("a grid has no end", told)
    found = []
    for names in each_naming(space):
        axes = applying(space, names, stated, sections)
        for values in product(*(_all_of(axis) for axis in axes)):
            found.append({**names, **dict(zip((axis.place for axis in axes), values, strict=True))})
    return found


def each_naming(space: Sequence[Axis]) -> Iterator[dict[str, Any]]:
    """Every combination of the parts that are tried; one empty one where no part is."""
    named = [axis for axis in space if is_name(axis)]
    for values in product(*(axis.ends for axis in named)):
        yield dict(zip((axis.place for axis in named), values, strict=True))


def is_name(axis: Axis) -> bool:
    """Whether it is a part that is tried, not an option of one."""
    return axis.place.endswith(f".{NAME}")


def _all_of(axis: Axis) -> Sequence[Any]:
    return axis.values if isinstance(axis, Choices) else range(int(axis.low), int(axis.high) + 1)


def _has(place: str, names: Values, stated: Mapping[str, Any], sections: Mapping[str, Section]) -> bool:
    section, _, key = place.partition(".")
    part = names.get(f"{section}.{NAME}", _part_of(section, stated, sections))
    return key in _options(section, part, sections)


def _options(section: str, part: object, sections: Mapping[str, Section]) -> dict[str, Option]:
    """The options of a section, or of one of its parts; none of a part that is not there."""
    places = sections[section]
    place = places if isinstance(places, str) else places.get(str(part))
    return {option.name: option for option in read_options(place)} if place else {}


def _part_of(section: str, stated: Mapping[str, Any], sections: Mapping[str, Section]) -> object:
    places, own = sections[section], stated.get(section, {})
    assumed = places.name if isinstance(places, Assumed) else None
    return own.get(NAME, assumed) if isinstance(own, Mapping) else assumed


def _annotation(
    place: str, stated: Mapping[str, Any], sections: Mapping[str, Section], parts: Mapping[str, tuple[Any, ...]]
) -> Any:
    """The type of what is at a place, or what is wrong with the place."""
    section, dot, key = place.partition(".")
    if not dot:
        raise _wrong(f"{place!r} is not of the form section.key")
    if section not in sections:
        raise _wrong(f"{place}: there is no section {section!r} ({did_you_mean(section, sections)})")
    if reason := UNSWEPT.get(place) or UNSWEPT.get(section):
        raise _wrong(f"{place} cannot be swept: {reason}")
    known = sections[section]
    if key == NAME and not isinstance(known, str):
        return Literal[tuple(sorted(known))]
    options: dict[str, Option] = {}
    for part in parts.get(section) or (_part_of(section, stated, sections),):
        options |= _options(section, part, sections)
    if key not in options:
        raise _wrong(f"{place}: [{section}] has no {key!r} ({did_you_mean(key, options)})")
    return options[key].annotation


def _read_axis(place: str, values: Any, annotation: Any) -> Axis:
    """A stretch where the words have two dots between numbers, choices otherwise."""
    if isinstance(values, str) and ".." in values and not set(values) & set("'\""):
        return _read_span(place, values, _kinds(annotation))
    found = _read_choices(values) if isinstance(values, str) else list(values) if isinstance(values, list) else [values]
    if len(found) < 2:
        raise _wrong(f"{place}={_shown(values)}: one value is no choice; --set {place}={_shown(values)} sets it")
    if len({json.dumps(value) for value in found}) < len(found):
        raise _wrong(f"{place}={_shown(values)}: a value is named twice")
    if get_origin(annotation) is Literal and (strange := [value for value in found if value not in get_args(annotation)]):
        raise _wrong(
            *(f"{place}={_shown(value)}: {did_you_mean(str(value), map(str, get_args(annotation)))}" for value in strange)
        )
    return Choices(place=place, values=tuple(found))


def _read_span(place: str, words: str, kinds: set[Any]) -> Span:
    low_words, _, rest = words.partition("..")
    high_words, *scale = rest.split() or [""]
    try:
        low, high = float(low_words), float(high_words)
    except ValueError:
        raise _wrong(f"{place}={words}: a stretch is written LOW..HIGH, as 1e-5..1e-3 or 2..16") from None
    problems = []
    if not kinds & {int, float}:
        problems.append(f"{place}={words}: it is no number; name choices by commas")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        problems.append(f"{place}={words}: the low end must be below the high one")
    if len(scale) > 1 or any(word not in SCALES for word in scale):
        problems.append(f"{place}={words}: what follows the numbers is the scale ({did_you_mean(scale[0], SCALES)})")
    if scale == ["log"] and low <= 0:
        problems.append(f"{place}={words}: a log scale begins above 0")
    whole = float not in kinds
    if whole and not (low.is_integer() and high.is_integer()):
        problems.append(f"{place}={words}: it takes whole numbers")
    if problems:
        raise _wrong(*problems)
    log = scale == ["log"] or (not scale and low > 0 and high / low >= LOG_FROM)
    return Span(place=place, low=int(low) if whole else low, high=int(high) if whole else high, whole=whole, log=log)


def _read_choices(words: str) -> list[Any]:
    """Values with commas between, as TOML where they are TOML and as words where not."""
    try:
        return list(tomllib.loads(f"values = [{words}]")["values"])
    except tomllib.TOMLDecodeError:
        return [_value(word.strip()) for word in words.split(",") if word.strip()]


def _value(word: str) -> Any:
    try:
        return tomllib.loads(f"value = {word}")["value"]
    except tomllib.TOMLDecodeError:
        return word


def _kinds(annotation: Any) -> set[Any]:
    """The plain types an option takes: those inside its ranges and its alternatives."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kinds(arguments[0])
    if origin in (Union, types.UnionType):
        return {kind for argument in arguments for kind in _kinds(argument)}
    return {annotation} if isinstance(annotation, type) and origin is None else set()


def _shown(values: Any) -> str:
    return values if isinstance(values, str) else json.dumps(values)


def _wrong(*problems: str) -> RecipeError:
    return RecipeError("the recipe cannot be swept", problems)
