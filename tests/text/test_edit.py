"""Edits keep the way back to the original's characters."""

from hatetinyllm.text.edit import Edit, edited, replaced, untouched


def test_characters_that_stay_keep_their_place_and_new_ones_take_the_old_ones() -> None:
    found = edited(untouched("a&amp;b cd"), [Edit(1, 6, "&"), Edit(7, 8, ""), Edit(9, 10, "xy")])
    assert found.text == "a&bcxy"
    assert found.starts == (0, 1, 6, 8, 9, 9)
    assert found.ends == (1, 6, 7, 9, 10, 10)


def test_edits_follow_each_other() -> None:
    twice = edited(edited(untouched("one two"), [Edit(3, 4, "")]), [Edit(0, 3, "1")])
    assert twice.text == "1two"
    assert twice.original_span(0, 1) == (0, 3)
    assert twice.original_span(1, 4) == (4, 7)


def test_only_characters_that_differ_are_replaced() -> None:
    assert list(replaced(5, "h4t3", "hate")) == [Edit(6, 7, "a"), Edit(8, 9, "e")]
