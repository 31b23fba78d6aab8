"""Rows keep what can be read and answers a head, in order, and count the rest."""

from importlib.resources import files
from pathlib import Path

import pytest

from hatetinyllm.text.encode import TextSettings, open_encoder
from hatetinyllm.training.rows import Flat, encode_rows
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
ENCODER = open_encoder(
    Path(str(files("hatetinyllm.text"))) / "tokenizer.json", TextSettings(max_tokens=8, overlap_tokens=2, max_characters=100)
)


def example(id: str, text: str, *labels: str) -> Example:
    return Example(id=id, text=text, labels={"hate": labels} if labels else {})


def test_rows_that_answer_nothing_or_cannot_be_read_are_left_out_and_counted() -> None:
    given = [
        example("kept", "they are welcome", "not_hate"),
        example("silent", "they are welcome"),
        example("empty", "  ", "hate"),
        example("long", "word " * 50, "hate"),
        example("cut", "nobody wants a neighbour who makes so much noise", "hate"),
    ]
    rows = encode_rows(given, [HATE], ENCODER)
    assert [one.id for one in rows.examples] == ["kept", "cut"]
    assert len(rows) == 2
    assert rows.left_out == 3
    assert rows.cut == 1
    assert rows.truth.by_head[0].tolist() == [0, 1]


def test_windows_are_those_of_the_encoder_and_lengths_of_the_first() -> None:
    texts = ["they are welcome", "nobody wants a neighbour who makes so much noise", "here"]
    rows = encode_rows([example(text[:4], text, "hate") for text in texts], [HATE], ENCODER)
    for text, windows in zip(texts, rows.windows, strict=True):
        assert [list(window) for window in windows] == [list(window.ids) for window in ENCODER.encode(text).windows]
    assert rows.lengths == [len(windows[0]) for windows in rows.windows]
    assert len(rows.windows[1]) > 1


def test_windows_of_some_rows_stand_one_behind_the_other() -> None:
    texts = [((1,), (2, 2)), ((3,),), ((4,), (5,), (6,))]
    flat = Flat(texts, [2, 0])
    assert [flat[index] for index in range(len(flat))] == [(4,), (5,), (6,), (1,), (2, 2)]
    assert flat.counts.tolist() == [3, 2]
    for outside in (-1, 5):
        with pytest.raises(IndexError):
            flat[outside]
    assert len(Flat(texts, [])) == 0
