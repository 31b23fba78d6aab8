"""A stream holds every token once, in order, and knows when its bytes are others."""

from pathlib import Path

import pytest

from hatetinyllm.errors import HateTinyLLMError, TrainingError
from hatetinyllm.pretraining.stream import read_stream, write_stream
from hatetinyllm.pretraining.vocabulary import learn_vocabulary

TEXTS = ["a lovely day", "what a day", "<s> is a word here"]
WORDS = learn_vocabulary(TEXTS, 270)


def test_every_document_is_there_in_order(tmp_path: Path) -> None:
    stream = write_stream(TEXTS, WORDS, tmp_path / "stream")
    expected = [id for text in TEXTS[:2] for id in WORDS.encode(text).ids]
    assert stream.ids[: len(expected)].tolist() == expected
    assert (stream.ids == 1).sum() == 3, "a word that looks like the start is read as letters"
    assert stream.size.documents == 3
    assert stream.size.bytes == sum(map(len, TEXTS))


def test_each_row_has_the_first_token_of_the_next(tmp_path: Path) -> None:
    stream = write_stream(TEXTS, WORDS, tmp_path / "stream")
    rows = stream.row([0, 1], 4)
    assert rows.shape == (2, 5)
    assert rows[0, -1] == rows[1, 0]
    assert stream.rows(4) == (len(stream.ids) - 1) // 4


def test_one_that_stands_there_is_read(tmp_path: Path) -> None:
    first = write_stream(TEXTS, WORDS, tmp_path / "stream")
    again = write_stream(["something else"], WORDS, tmp_path / "stream")
    assert again.digest == first.digest


def test_changed_bytes_and_no_text_are_told(tmp_path: Path) -> None:
    write_stream(TEXTS, WORDS, tmp_path / "stream")
    with (tmp_path / "stream" / "tokens.bin").open("r+b") as file:
        file.write(b"\xff")
    with pytest.raises(HateTinyLLMError):
        read_stream(tmp_path / "stream")
    with pytest.raises(TrainingError, match="no text"):
        write_stream([], WORDS, tmp_path / "empty")
