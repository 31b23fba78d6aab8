"""Implicit Hate: open or between the lines, hate is hate."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.implicit_hate import POSTS, load
from hatetinyllm.errors import DataError, FetchError

HEADER = "post\tclass\n"


def test_explicit_and_implicit_hate_are_hate_and_the_slice_tells_them_apart(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({POSTS.path: HEADER + "go away gr**p\texplicit_hate\nthey always do\timplicit_hate\nnice day\tnot_hate\n"})
    splits = load()
    assert [(row.id, row.label, row.slice) for row in splits.train] == [
        ("line-2", "hate", "explicit_hate"),
        ("line-3", "hate", "implicit_hate"),
        ("line-4", "not_hate", "not_hate"),
    ]
    assert "implicit-hate: the card's counts are unverified" in splits.notes


def test_an_unknown_class_is_an_error_with_the_nearest_right_word(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({POSTS.path: HEADER + "nice day\tno_hate\n"})
    with pytest.raises(DataError, match="did you mean 'not_hate'"):
        load()


def test_without_the_file_the_error_names_the_survey() -> None:
    with pytest.raises(FetchError, match="the authors' survey"):
        load()
