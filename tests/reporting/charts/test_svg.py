"""Elements are well-formed whatever stands in them, and texts keep to their room."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.reporting.charts.svg import box, dot, drawing, element, folded, path, px, shortened, stroke, width_of, words

EVIL = "</text><script>alert('x')</script> & \"quoted\""


@pytest.mark.parametrize(("value", "said"), [(1.0, "1"), (0.04, "0"), (-0.04, "0"), (12.34, "12.3"), (-3.0, "-3")])
def test_lengths_have_no_idle_zeros(value: float, said: str) -> None:
    assert px(value) == said


def test_what_is_empty_is_left_out_and_names_get_their_hyphens() -> None:
    assert element("rect", class_="bar", fill_opacity="5%", rx="", ry=None) == '<rect class="bar" fill-opacity="5%"/>'


def test_every_text_and_hint_is_escaped() -> None:
    parts = (words(1, 2, EVIL, hint=EVIL), box(0, 0, 1, 1, "bar", hint=EVIL), dot(0, 0, 1, "dot", hint=EVIL))
    root = ElementTree.fromstring(drawing(EVIL, EVIL, 10, *parts, stroke(0, 0, 1, 1, "axis"), anchor="a"))
    assert not [found for found in root.iter() if found.tag.endswith("script")]
    assert [found.text for found in root.iter()].count(EVIL) == 6


def test_a_path_goes_through_its_points() -> None:
    assert path([(0, 0), (1.25, 2)], "curve", closed=True) == '<path d="M0 0 1.2 2Z" class="curve"/>'


@given(st.text(min_size=1), st.floats(min_value=20, max_value=300))
def test_a_shortened_text_fits_and_begins_as_the_whole_one(said: str, room: float) -> None:
    cut = shortened(said, room)
    assert width_of(cut) <= room
    assert cut == said or (cut.endswith("…") and said.startswith(cut[:-1]))


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=9), min_size=1), st.floats(min_value=90, max_value=300))
def test_a_folded_text_keeps_its_words_and_its_room(found: list[str], room: float) -> None:
    lines = folded(" ".join(found), room)
    assert " ".join(lines).split() == found
    assert all(width_of(line) <= room for line in lines)
