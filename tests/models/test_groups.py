"""Neighbours share a group; nobody looks past the end of a text, or ahead."""

import pytest

from hatetinyllm.models.groups import TOKENS, TOKENS_OF_LAST, groups_of, groups_of_last

ROWS = [(1,), (3, 5, 1), (TOKENS, 1), (TOKENS - 1, 1, 1), (TOKENS + 9, TOKENS_OF_LAST + 1, 2, 2), (7,) * 400]


def ends_of(lengths: tuple[int, ...]) -> list[int]:
    return [sum(lengths[:text]) for text in range(len(lengths) + 1)]


def text_of(ends: list[int], token: int) -> int:
    return next(text for text in range(len(ends)) if token < ends[text + 1])


@pytest.mark.parametrize("lengths", ROWS)
def test_every_token_looks_at_its_text_up_to_itself(lengths: tuple[int, ...]) -> None:
    ends, seen = ends_of(lengths), set()
    for group in groups_of(ends):
        first, asked = group.asked.start, group.barred == 0
        assert group.asks == group.asked
        assert len(group.barred) <= TOKENS or text_of(ends, first) == text_of(ends, group.asked.stop - 1)
        seen |= {(first + query, first + key) for query, key in asked.nonzero().tolist()}
    expected = {(query, key) for query in range(ends[-1]) for key in range(ends[text_of(ends, query)], query + 1)}
    assert seen == expected


@pytest.mark.parametrize("lengths", ROWS)
def test_the_last_token_looks_at_all_of_its_text(lengths: tuple[int, ...]) -> None:
    ends, seen = ends_of(lengths), set()
    for group in groups_of_last(ends):
        places = (group.barred == 0).nonzero().tolist()
        seen |= {(group.asks.start + query, group.asked.start + key) for query, key in places}
    assert seen == {(text, key) for text in range(len(lengths)) for key in range(ends[text], ends[text + 1])}


def test_short_neighbours_share_a_group() -> None:
    assert len(groups_of(ends_of((20, 20, 20, 20)))) == 2
    assert len(groups_of_last(ends_of((20, 20, 20, 20)))) == 1
