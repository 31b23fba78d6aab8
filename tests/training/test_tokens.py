"""Tokens put aside are those of the encoder, a few texts at a time; no file is left, whatever ends the process."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.errors import TrainingError
from hatetinyllm.text.encode import Encoder, TextSettings, open_encoder
from hatetinyllm.training import tokens
from hatetinyllm.training.tokens import Tokens, write_tokens

OWN_TOKENIZER = Path(str(files("hatetinyllm.text"))) / "tokenizer.json"
ENCODER = open_encoder(OWN_TOKENIZER, TextSettings(max_tokens=6, overlap_tokens=2))
WORDS = st.lists(st.sampled_from(["they", "are", "welcome", "café", "👩‍🍳", "</s>", ""]), max_size=14).map(" ".join)
HOLD = """
import sys, time
from pathlib import Path
from hatetinyllm.text.encode import TextSettings, open_encoder
from hatetinyllm.training.tokens import write_tokens

def texts():
    for number in range(100_000):
        yield "they are welcome here"
        if number == 50_000:
            print("half", flush=True)
            time.sleep(60)

write_tokens(texts(), open_encoder(Path(sys.argv[1]), TextSettings()), folder=Path(sys.argv[2]))
"""


def held(found: Tokens) -> list[list[list[int]]]:
    return [[window.tolist() for window in windows] for windows in found]


@given(st.lists(WORDS, max_size=12), st.integers(1, 5))
def test_they_are_those_of_the_encoder_whatever_the_chunks(texts: list[str], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "CHUNK", chunk)
        found = write_tokens(iter(texts), ENCODER)
    expected = [[list(window.ids) for window in one.windows] for one in ENCODER.encode_batch(texts)]
    assert held(found) == expected
    assert len(found) == len(texts)
    assert found.counts.tolist() == [len(windows) for windows in expected]
    assert held(found.readable()) == [windows for windows in expected if windows]


def test_a_text_is_found_by_its_place_and_no_further() -> None:
    found = write_tokens(["they", "are welcome"], ENCODER)
    assert [window.tolist() for window in found[-1]] == [window.tolist() for window in found[1]]
    assert found[0][0].dtype == np.int32
    for outside in (2, -3):
        with pytest.raises(IndexError):
            found[outside]


def test_no_more_than_a_chunk_of_texts_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[int] = []
    taken = 0

    def texts() -> Iterator[str]:
        nonlocal taken
        for _ in range(tokens.CHUNK * 3):
            taken += 1
            yield "they are welcome"

    own = Encoder.ids_of

    def ids_of(encoder: Encoder, chunk: list[str]) -> Any:
        waiting.append(taken - sum(waiting))
        return own(encoder, chunk)

    monkeypatch.setattr(Encoder, "ids_of", ids_of)
    assert len(write_tokens(texts(), ENCODER)) == tokens.CHUNK * 3
    assert waiting == [tokens.CHUNK] * 3


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    found = write_tokens(["they are welcome"] * 5, ENCODER, folder=tmp_path)
    assert len(found[4]) == 1
    if sys.platform != "win32":  # there a file that is open has a name
        assert list(tmp_path.iterdir()) == []
    assert held(write_tokens(["they"], ENCODER, folder=tmp_path / "gone")) == held(write_tokens(["they"], ENCODER))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    order = [sys.executable, "-c", HOLD, str(OWN_TOKENIZER), str(tmp_path)]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "half\n"
        holder.send_signal(signal.SIGKILL)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tokens, "_write", full)
    with pytest.raises(TrainingError, match="no space is left on the disk") as caught:
        write_tokens(["they"], ENCODER, folder=tmp_path)
    assert str(tmp_path) in caught.value.message
    assert len(caught.value.problems) == 1


def test_another_error_of_the_texts_is_passed_on() -> None:
    def unreadable() -> Iterator[str]:
        yield "they"
        raise PermissionError("not yours")

    with pytest.raises(PermissionError, match="not yours"):
        write_tokens(unreadable(), ENCODER)
