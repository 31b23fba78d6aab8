"""
A function's options, read from its source text: the signature is the schema.

Nothing is imported (`hatetinyllm.tuning.lora` would bring torch): the file is parsed. Options are the keyword-only
arguments; their annotations are a short list of words, their defaults are literals, and the comment at the end of a
line is the option's help.
"""

import ast
import types
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hatetinyllm.errors import RecipeError
from hatetinyllm.types import Count, LesserShare, NonNegative, Positive, Range, Seed, Share, Whole

REQUIRED: Any = object()
_WORDS: Mapping[str, Any] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "Count": Count,
    "Seed": Seed,
    "Whole": Whole,
    "Share": Share,
    "LesserShare": LesserShare,
    "Positive": Positive,
    "NonNegative": NonNegative,
}


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing a recipe may set: its type, its default, and what it does."""

    name: str
    annotation: Any
    default: Any = REQUIRED
    help: str = ""


def read_options(place: str) -> tuple[Option, ...]:
    """The options of the function, or the fields of the dataclass, at "package.module:name"."""
    module, _, name = place.partition(":")
    source = _source_of(module, place)
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            return tuple(_option(argument.arg, argument.annotation, default, lines, place) for argument, default in pairs)
        if isinstance(node, ast.ClassDef) and node.name == name:
            stated = [item for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)]
            return tuple(_option(ast.unparse(item.target), item.annotation, item.value, lines, place) for item in stated)
    raise RecipeError(f"{place}: the module has no function {name!r}")


def spell(annotation: Any) -> str:
    """An annotation in words, for an error or a comment."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return f"{spell(arguments[0])} {next(str(mark) for mark in arguments[1:] if isinstance(mark, Range))}"
    if origin is Literal:
        return "one of " + ", ".join(repr(value) for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(spell(kind) for kind in arguments if kind is not types.NoneType) + ", or left out"
    if origin is tuple:
        return f"a list of {spell(arguments[0])}"
    return {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}.get(annotation, str(annotation))


def _source_of(module: str, place: str) -> str:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise RecipeError(f"{place}: there is no module {module!r}")
    return Path(spec.origin).read_text(encoding="utf-8")


def _option(name: str, annotation: ast.expr | None, default: ast.expr | None, lines: list[str], place: str) -> Option:
    if annotation is None:
        raise RecipeError(f"{place}: option {name!r} has no annotation")
    _, _, comment = lines[annotation.lineno - 1].partition("  # ")
    return Option(
        name=name,
        annotation=_kind(annotation, place),
        default=REQUIRED if default is None else ast.literal_eval(default),
        help=comment.strip(),
    )


def _kind(node: ast.expr, place: str) -> Any:
    """The type an annotation's text stands for; only these forms can be written in a recipe."""
    match node:
        case ast.Name(id=word) if word in _WORDS:
            return _WORDS[word]
        case ast.Constant(value=None):
            return types.NoneType
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return Union[_kind(left, place), _kind(right, place)]  # noqa: UP007 - the parts are values here
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=values)):
            return Literal[tuple(ast.literal_eval(value) for value in values)]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=value):
            return Literal[ast.literal_eval(value)]
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[kind, ast.Constant(value=last)])) if last is ...:
            return types.GenericAlias(tuple, (_kind(kind, place), ...))
    raise RecipeError(
        f"{place}: {ast.unparse(node)!r} cannot be an option's type (known: {', '.join(_WORDS)}, Literal, tuple, None)"
    )
