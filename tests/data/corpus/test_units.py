from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.data.corpus.clean import HEADING, SYMBOLS
from hatetinyllm.data.corpus.units import (
    CUT,
    DUPLICATES,
    EMPTY,
    KIN,
    SHORT,
    Piece,
    blocks_of,
    digest_number,
    pieces_of_documents,
    pieces_of_prose,
    spared,
    without_duplicates,
    without_kin,
)


def meets_bad(texts: Sequence[str]) -> NDArray[np.bool_]:
    return np.array(["bad" in text for text in texts])


def meets_worse(texts: Sequence[str]) -> NDArray[np.bool_]:
    return np.array(["worse" in text for text in texts])


def test_headings_part_prose_into_sections_and_go() -> None:
    dropped: Counter[str] = Counter()
    pieces = list(pieces_of_prose(["# One", "A _first_ page.", "* * *", "", "## Two", "Another."], dropped))
    assert [piece.text for piece in pieces] == ["A first page.", "Another."]
    assert pieces[0].section != pieces[1].section
    assert dropped == {HEADING: 2, SYMBOLS: 1, EMPTY: 1}


def test_a_section_without_headings_does_not_go_on_for_ever() -> None:
    pieces = list(pieces_of_prose(["word " * 200] * 200, Counter()))
    assert len({piece.section for piece in pieces}) == 4


def test_a_short_document_is_one_piece_and_a_long_one_its_paragraphs() -> None:
    long = "\n".join(["A sentence of a paragraph. " * 60] * 4)
    pieces = list(pieces_of_documents(["two\nlines", "  ", long], Counter()))
    assert [piece.section for piece in pieces] == [0, 2, 2, 2, 2]
    assert pieces[0].text == "two\nlines"


def test_a_paragraph_without_end_is_cut_and_nothing_is_lost() -> None:
    long = "One sentence stands here. " * 1_000 + "x" * 9_000
    pieces = [piece.text for piece in pieces_of_documents([long], Counter())]
    assert max(map(len, pieces)) < 4_500
    assert "".join("".join(pieces).split()) == "".join(long.split())


def test_kin_and_duplicates_are_dropped_and_counted() -> None:
    dropped: Counter[str] = Counter()
    texts = ["fine", "a bad one", "FINE ", "fine too", "no"]
    pieces = (Piece(section=number, text=text) for number, text in enumerate(texts))
    kept = without_kin(without_duplicates(pieces, set(), dropped, least_characters=3), meets_bad, None, dropped, at_once=2)
    assert [piece.text for piece in kept] == ["fine", "fine too", "no"]
    assert dropped == {KIN: 1, DUPLICATES: 1}


def test_people_may_say_yes_more_than_once() -> None:
    pieces = [Piece(section=0, text="yes")] * 3
    assert len(list(without_duplicates(pieces, set(), Counter(), least_characters=4))) == 3


def test_a_document_is_spared_without_the_sentence_that_holds_a_short_judged_text() -> None:
    def spare(text: str) -> str:
        return spared(text, meets=lambda texts: meets_bad(texts) | meets_worse(texts), meets_long=meets_worse)

    assert spare("This stays. A bad one. And so does this.") == "This stays. And so does this."
    assert spare("A bad one with many words. Short.") == ""
    assert spare("This stays. A worse one. And so does this.") == ""
    dropped: Counter[str] = Counter()
    kept = without_kin([Piece(section=5, text="It stays. Bad? bad. It stays too.")], meets_bad, spare, dropped, at_once=5)
    assert list(kept) == [Piece(section=5, text="It stays. Bad? It stays too.")]
    assert dropped == {CUT: 1}


def test_pieces_of_a_section_are_joined_to_blocks_that_share_its_draw() -> None:
    dropped: Counter[str] = Counter()
    pieces = [Piece(section=section, text=f"{section} has four words") for section in (0, 0, 0, 1)] + [
        Piece(section=2, text="no")
    ]
    blocks = list(blocks_of(pieces, dropped, words=8, least_words=2))
    assert [block.text.count("\n") for block in blocks] == [1, 0, 0]
    assert blocks[0].section_draw == blocks[1].section_draw == digest_number("0 has four words")
    assert blocks[2].section_draw == digest_number("1 has four words")
    assert dropped == {SHORT: 1}


def test_a_draw_is_the_same_everywhere() -> None:
    assert digest_number("text") == 0x1C1A3828A25FF3D7
