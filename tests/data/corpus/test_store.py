from pathlib import Path

import pytest

from hatetinyllm.data.corpus.store import Writer, read_units, stream_of
from hatetinyllm.errors import DataError


def test_a_stream_gives_its_texts_in_any_order_and_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    for number, text in enumerate(("one", "zwölf\nlines", "😂")):
        writer.add(text, source=number, draw=2**64 - 1 - number, held_out=number == 2)
    written = writer.finish()
    units = read_units(tmp_path)
    assert (units == written).all()
    stream = stream_of(tmp_path, units[[2, 0, 1, 0]])
    assert list(stream) == list(stream) == ["😂", "one", "zwölf\nlines", "one"]
    assert (len(stream), stream.characters, stream.size_bytes) == (4, 18, 4 + 3 + 12 + 3)
    assert units["draw"].tolist() == [2**64 - 1, 2**64 - 2, 2**64 - 3]


def test_a_stream_of_nothing_is_empty(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    units = writer.finish()
    assert list(stream_of(tmp_path, units)) == []


def test_places_that_cannot_be_read_are_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "units.npy").write_bytes(b"nothing of the kind")
    with pytest.raises(DataError, match=r"units\.npy cannot be read"):
        read_units(tmp_path)
