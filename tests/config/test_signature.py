"""Options are read from source text: types, defaults, help, and nothing imported."""

import sys
from pathlib import Path
from typing import Literal

import pytest

from hatetinyllm.config.signature import REQUIRED, read_options, spell
from hatetinyllm.errors import RecipeError
from hatetinyllm.types import Count, LesserShare, Share

SOURCE = '''
import module_that_does_not_exist

def make(given, *, size: Count = 8,  # how wide
         name: str,
         share: Share = 0.5, kind: Literal["a", "b"] = "a", ends: tuple[str, ...] = (), at: int | None = None):
    """Made up."""

class Settings:
    """Made up."""

    length: Count = 128  # in tokens

def bare(*, size=1): ...
def odd(*, size: dict = 1): ...
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "made_up_part.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return "made_up_part"


def test_a_signature_is_read_without_importing_its_module(module: str) -> None:
    options = {option.name: option for option in read_options(f"{module}:make")}
    assert module not in sys.modules
    assert list(options) == ["size", "name", "share", "kind", "ends", "at"]
    assert (options["size"].annotation, options["size"].default, options["size"].help) == (Count, 8, "how wide")
    assert options["name"].default is REQUIRED
    assert options["share"].annotation == Share
    assert options["kind"].annotation == Literal["a", "b"]
    assert options["ends"].annotation == tuple[str, ...]
    assert options["at"].default is None


def test_the_fields_of_a_class_are_options_too(module: str) -> None:
    (option,) = read_options(f"{module}:Settings")
    assert (option.name, option.default, option.help) == ("length", 128, "in tokens")


@pytest.mark.parametrize(
    ("name", "said"), [("bare", "no annotation"), ("odd", "cannot be an option's type"), ("gone", "no function 'gone'")]
)
def test_what_cannot_be_a_schema_is_said(module: str, name: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        read_options(f"{module}:{name}")


def test_a_missing_module_is_said() -> None:
    with pytest.raises(RecipeError, match="no module"):
        read_options("module_that_does_not_exist:make")


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (Count, "a whole number 1 or more"),
        (Share, "a number from 0 to 1"),
        (LesserShare, "a number from 0 to below 1"),
        (Literal["a", "b"], "one of 'a', 'b'"),
        (tuple[str, ...], "a list of a text"),
        (int | None, "a whole number, or left out"),
        (bool, "true or false"),
    ],
)
def test_annotations_are_spelt_for_people(annotation: object, said: str) -> None:
    assert spell(annotation) == said
