"""Windows against a slow reference, the way back to the original, and what is refused."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from hatetinyllm.errors import BundleError, RecipeError
from hatetinyllm.text.encode import Encoder, TextSettings, open_encoder
from hatetinyllm.text.normalise import normalise

OWN_TOKENIZER = Path(str(files("hatetinyllm.text"))) / "tokenizer.json"
START = 1
LONG = "A longer text with words, 2024 numbers, café, 👩\u200d🍳 and &amp; an entity, so that there are several windows. " * 3


@cache
def own(**options: int) -> Encoder:
    return open_encoder(OWN_TOKENIZER, TextSettings(**options))


def plain_ids(text: str) -> list[int]:
    return Tokenizer.from_file(str(OWN_TOKENIZER)).encode(normalise(text).text, add_special_tokens=False).ids


def slow_windows(ids: list[int], room: int, overlap: int) -> list[tuple[int, ...]]:
    windows = []
    start = 0
    while ids:
        windows.append((START, *ids[start : start + room]))
        if start + room >= len(ids):
            break
        start += room - overlap
    return windows


@given(st.integers(0, 40), st.integers(2, 12), st.data())
@settings(max_examples=200, deadline=None)
def test_windows_are_those_of_the_slow_reference(words: int, max_tokens: int, data: st.DataObject):
    overlap = data.draw(st.integers(0, max_tokens - 2))
    text = " ".join(["word", "café", "7", "unbelievably"][number % 4] for number in range(words))
    windows = own(max_tokens=max_tokens, overlap_tokens=overlap).encode(text).windows
    assert [window.ids for window in windows] == slow_windows(plain_ids(text), max_tokens - 1, overlap)


def test_every_window_begins_with_the_special_token():
    windows = own(max_tokens=16, overlap_tokens=4).encode(LONG).windows
    assert len(windows) > 5
    assert all(window.ids[0] == START and window.spans[0] is None for window in windows)
    assert all(None not in window.spans[1:] and len(window.ids) == len(window.spans) <= 16 for window in windows)


def test_windows_leave_nothing_out():
    windows = own(max_tokens=16, overlap_tokens=4).encode(LONG).windows
    covered = {at for window in windows for span in window.spans if span for at in range(*span)}
    assert {at for at, character in enumerate(LONG) if not character.isspace()} <= covered


@given(st.lists(st.text(max_size=30), max_size=6))
@settings(deadline=None)
def test_a_text_reads_the_same_alone_and_in_any_batch(texts: list[str]):
    encoder = own(max_tokens=8, overlap_tokens=2)
    assert encoder.encode_batch([LONG, *texts]) == [encoder.encode(text) for text in [LONG, *texts]]


@given(st.text(st.characters(exclude_categories=()), max_size=40))
@settings(deadline=None)
def test_every_span_lies_in_the_original_and_covers_something(text: str):
    for window in own().encode(text).windows:
        spans = [span for span in window.spans if span]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert spans == sorted(spans)


def test_spans_are_original_characters():
    text = "  Ｈｅｌｌｏ &amp; ﬁne https://example.org/x 😂"
    (window,) = own().encode(text).windows
    seen = [text[slice(*span)] for span in window.spans if span]
    assert "".join(seen).startswith("Ｈｅｌｌｏ&amp;")
    assert seen.count("https://example.org/x") == 1
    assert set(seen[-2:]) == {"😂"}
    assert [piece for piece in seen if piece != piece.strip() and len(piece) > 1] == []


@pytest.mark.parametrize("character", ["é", "😂", "क", "한", "🏽", "\u200d🍳"])
def test_a_character_split_over_tokens_is_the_span_of_each(character: str):
    text = f"👩{character}"
    (window,) = own().encode(text).windows
    assert len(plain_ids(text)) >= 2
    assert {span for span in window.spans if span} == {(at, at + 1) for at in range(len(text))}


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u00ad", "&#8203;", "\ufeff\n"])
def test_nothing_left_to_read_has_no_windows(text: str):
    assert own().encode(text).windows == ()
    assert own().encode_batch([text, "a"])[0].windows == ()


def test_words_that_look_like_special_tokens_are_letters():
    (window,) = own().encode("<s> <pad> </s>").windows
    assert window.ids.count(START) == 1
    assert 0 not in window.ids


def test_a_megabyte_is_read_whole():
    windows = own().encode("word " * 200_000).windows
    assert windows[-1].spans[-1] == (999_995, 999_999)


def test_all_problems_of_the_settings_are_told_at_once():
    tokenizer = Tokenizer.from_file(str(OWN_TOKENIZER))
    with pytest.raises(RecipeError) as caught:
        Encoder(tokenizer, TextSettings(max_tokens=8, overlap_tokens=7, max_characters=0, normaliser=99))
    assert len(caught.value.problems) == 3
    assert "a window holds 7 tokens of text, so expected 6 or less" in caught.value.problems[0]
    with pytest.raises(RecipeError, match="1 special tokens and one of text need 2"):
        Encoder(tokenizer, TextSettings(max_tokens=1, overlap_tokens=0))
    with pytest.raises(RecipeError, match="expected 0 or more"):
        Encoder(tokenizer, TextSettings(overlap_tokens=-1))


def test_a_saved_tokenizer_reads_the_same(tmp_path: Path):
    encoder = own(max_tokens=16, overlap_tokens=4)
    encoder.save(tmp_path / "tokenizer.json")
    again = open_encoder(tmp_path / "tokenizer.json", encoder.settings)
    assert again.encode(LONG) == encoder.encode(LONG)
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "tokenizer.json").read_bytes()


def test_padding_and_truncation_of_another_are_left_behind(tmp_path: Path):
    tokenizer = Tokenizer.from_file(str(OWN_TOKENIZER))
    tokenizer.enable_padding(length=40)
    tokenizer.enable_truncation(3)
    encoder = Encoder(tokenizer, TextSettings())
    assert encoder.encode(LONG) == own().encode(LONG)
    assert tokenizer.truncation["max_length"] == 3
    encoder.save(tmp_path / "tokenizer.json")
    saved = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    assert saved["truncation"] is None
    assert saved["padding"] is None


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"not json", b"\xff\xfe\x00", b'{"version": "1.0", "model": {"type": "Unknown"}}']
)
def test_a_broken_tokenizer_is_a_damaged_bundle(tmp_path: Path, content: bytes):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(BundleError, match="no tokenizer file"):
        open_encoder(path, TextSettings())


def test_a_missing_tokenizer_is_a_damaged_bundle(tmp_path: Path):
    with pytest.raises(BundleError, match="there is no tokenizer at"):
        open_encoder(tmp_path / "tokenizer.json", TextSettings())


def test_settings_of_a_newer_release_are_told_in_words():
    with pytest.raises(BundleError, match="this release knows 1"):
        open_encoder(OWN_TOKENIZER, TextSettings(normaliser=99))
