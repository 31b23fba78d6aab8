"""The block is read as it was meant, whatever the texts hold."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.reporting.front_matter import front_matter, quoted

texts = st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1)
values = st.recursive(
    st.one_of(texts, st.booleans(), st.integers(-(10**6), 10**6)),
    lambda inner: st.one_of(
        st.lists(inner.filter(lambda one: not isinstance(one, list)), min_size=1), st.dictionaries(texts, inner, min_size=1)
    ),
    max_leaves=8,
)


def read(said: str) -> Any:
    assert said.startswith("---\n")
    assert said.endswith("\n---\n")
    return yaml.safe_load(said.removeprefix("---\n").removesuffix("---\n"))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(texts, values, min_size=1))
def test_what_is_written_is_what_is_read(content: dict[str, Any]) -> None:
    assert read(front_matter(content)) == content


@pytest.mark.parametrize("said", ["no", "1e-5", "null", "~", "- a", "a: b", "# a", "\u2028", "\x7f", "\x85", "😀", "---", '"'])
def test_texts_stay_texts(said: str) -> None:
    assert read(front_matter({"a": said})) == {"a": said}


def test_half_a_sign_does_not_break_the_block() -> None:
    assert read(front_matter({"a": "x\ud800"})) == {"a": "x\ufffd"}
    assert quoted("a") == '"a"'


def test_what_is_empty_is_left_out_and_figures_are_short() -> None:
    assert front_matter({"a": "", "b": [], "c": {}, "d": None, "e": 0.5}) == "---\ne: 0.500000\n---\n"


def test_what_is_no_figure_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="no figure"):
        front_matter({"a": float("nan")})
    with pytest.raises(TypeError, match="no YAML"):
        front_matter({"a": object()})
