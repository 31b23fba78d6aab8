"""Windows against a slow reference, alone and inside a prompt, the way back to the original, and what is refused."""

import json
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

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


@given(
    st.lists(st.text(alphabet=st.sampled_from("aé 7.\n@<s>/👩\u200d🍳\u2800"), max_size=60), max_size=4),
    st.integers(2, 12),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_ids_alone_are_those_of_the_windows(texts: list[str], max_tokens: int, prompted: bool):
    options = (
        {"max_tokens": 32, "overlap_tokens": 2, "prompt": "Post: {text} Hateful?"}
        if prompted
        else {"max_tokens": max_tokens, "overlap_tokens": 0}
    )
    encoder = own(**options)
    assert encoder.ids_of(texts) == [[list(window.ids) for window in found.windows] for found in encoder.encode_batch(texts)]


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


PROMPT = 'Is this post "hate" {speech}?\nPost: "{text}"\nAnswer:'


def word_level() -> Tokenizer:
    """One token a word, and no word of the text joins one of the prompt."""
    vocabulary = {word: index for index, word in enumerate(["<unk>", "<s>", "post", "they", "are", "welcome", "Answer", ":"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def greedy() -> Tokenizer:
    """Joins whatever it can over the border: spaces, quotes and letters of both sides; `<e>` ends every text."""
    pieces = ["Ġ", '"', "a", "b", "x", "Ċ", *bytes_of_letters()]
    joined = ['Ġ"', '"a', 'Ġ"a', 'a"', "ab", "ba", 'b"', "Ġa", "aĊ", "xx"]
    merges = [(one[:-1], one[-1]) for one in joined]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys([*pieces, *joined]))}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.add_special_tokens(["<s>", "<e>"])
    ends = [(word, tokenizer.token_to_id(word)) for word in ("<s>", "<e>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A <e>", special_tokens=ends)
    return tokenizer


def sentence_piece() -> Tokenizer:
    """As the first Llama's: a space is set before everything, and a letter it does not know is read byte by byte."""
    joined = ["▁a", "▁t", "▁th", "ab", '▁"', "x▁"]
    pieces = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *"abxthe:A", '"', *joined]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    merges = [(one[:-1], one[-1]) for one in joined]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def bytes_of_letters() -> list[str]:
    return sorted(pre_tokenizers.ByteLevel.alphabet())


TOKENIZERS = {
    "own": lambda: Tokenizer.from_file(str(OWN_TOKENIZER)),
    "words": word_level,
    "greedy": greedy,
    "pieces": sentence_piece,
}


@cache
def asking(kind: str, prompt: str, max_tokens: int, overlap_tokens: int) -> Encoder:
    settings = TextSettings(prompt=prompt, max_tokens=max_tokens, overlap_tokens=overlap_tokens)
    return Encoder(TOKENIZERS[kind](), settings)


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("prompt", [PROMPT, "{text} is", "Post: {text}", "{text}"])
@pytest.mark.parametrize("text", ["they are welcome", "ab a", '"ab"', "café 👩\u200d🍳"])
def test_a_prompt_is_read_as_a_language_model_reads_it(kind: str, prompt: str, text: str) -> None:
    (window,) = asking(kind, prompt, 200, 8).encode(text).windows
    assert window.ids == tuple(TOKENIZERS[kind]().encode(prompt.replace("{text}", normalise(text).text)).ids)


@pytest.mark.parametrize("text", ["they are", "ﬁne &amp; café 👩\u200d🍳", '"ab" <s> {text}'])
@pytest.mark.parametrize("kind", TOKENIZERS)
def test_spans_inside_a_prompt_are_original_characters_and_the_prompts_tokens_have_none(kind: str, text: str) -> None:
    (window,) = asking(kind, PROMPT, 200, 8).encode(text).windows
    spans = [span for span in window.spans if span]
    assert {at for span in spans for at in range(*span)} >= {at for at, letter in enumerate(text) if not letter.isspace()}
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert window.spans[0] is None
    assert window.spans[-1] is None


LETTERS = st.sampled_from([*"abx", " ", '"', "\n", "é", "😂", "한", "{text}", "<s>", "&amp;", "they ", "welcome "])


@given(st.lists(LETTERS, max_size=120).map("".join), st.sampled_from(sorted(TOKENIZERS)), st.integers(0, 25), st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_no_window_is_longer_than_it_may_be_and_no_letter_is_left_out(text: str, kind: str, more: int, overlap: int) -> None:
    prompt = 'Post: "{text}"\nA:'
    taken = len(TOKENIZERS[kind]().encode(prompt.replace("{text}", "")).ids)
    encoder = asking(kind, prompt, taken + 8 + more, overlap)
    windows = encoder.encode(text).windows
    assert all(len(window.ids) == len(window.spans) <= encoder.settings.max_tokens for window in windows)
    covered = {at for window in windows for span in window.spans if span for at in range(*span)}
    read = {at for span in zip(normalise(text).starts, normalise(text).ends, strict=True) for at in range(*span)}
    assert {at for at in read if not text[at].isspace()} <= covered


def test_a_long_text_is_read_in_windows_each_a_prompt_of_its_own() -> None:
    encoder = asking("own", PROMPT, 48, 8)
    windows = encoder.encode(LONG).windows
    assert len(windows) > 5
    head, tail = windows[0].ids[:8], windows[0].ids[-4:]
    assert all(window.ids[:8] == head and window.ids[-4:] == tail and len(window.ids) > 40 for window in windows[:-1])
    texts = [[span for span in window.spans if span] for window in windows]
    assert all(later[0][0] < earlier[-1][1] for earlier, later in pairwise(texts)), "windows overlap"
    second = normalise(LONG[texts[1][0][0] : texts[1][-1][1]]).text
    inside = Tokenizer.from_file(str(OWN_TOKENIZER)).encode(PROMPT.replace("{text}", second))
    assert windows[1].ids == tuple(inside.ids)


def test_a_character_of_more_tokens_than_a_prompt_leaves_is_cut() -> None:
    tokenizer = Tokenizer(models.BPE({piece: index for index, piece in enumerate(bytes_of_letters())}, []))
    tokenizer.normalizer = normalizers.Replace("w", "a" * 20)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    encoder = Encoder(tokenizer, TextSettings(prompt=":{text}:", max_tokens=10, overlap_tokens=7))
    windows = encoder.encode("bwb").windows
    assert [len(window.ids) for window in windows] == [3, 10, 3]
    assert windows[1].spans == (None, *[(1, 2)] * 8, None)
    assert windows[1].ids == tuple(tokenizer.encode(":aaaaaaaa:").ids)


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u00ad", "&#8203;"])
def test_nothing_left_to_read_is_not_asked_about(text: str) -> None:
    assert asking("own", PROMPT, 64, 8).encode(text).windows == ()


def test_prompts_that_cannot_be_used_are_told() -> None:
    for prompt, said in (
        ("no place", "prompt has {text} 0 times: expected once"),
        ("{text} {text}", "prompt has {text} 2 times: expected once"),
        ("x" * 10_000 + "{text}", "prompt has 10,006 characters: expected 10,000 or fewer"),
    ):
        with pytest.raises(RecipeError) as caught:
            asking("own", prompt, 100_000, 8)
        assert said in caught.value.problems[0]
    taken = len(Tokenizer.from_file(str(OWN_TOKENIZER)).encode(PROMPT.replace("{text}", "")).ids)
    with pytest.raises(RecipeError) as caught:
        asking("own", PROMPT, taken + 7, 2)
    assert caught.value.problems == (f"max_tokens is {taken + 7}: {taken} tokens of the prompt and 8 of text need {taken + 8}",)
    with pytest.raises(RecipeError, match="a window holds 8 tokens of text, so expected 7 or less"):
        asking("own", PROMPT, taken + 8, 8)
    asking("own", PROMPT, taken + 8, 7)


def test_a_word_goes_on_where_the_prompt_ends() -> None:
    tokenizer = Tokenizer.from_file(str(OWN_TOKENIZER))
    encoder = asking("own", PROMPT, 64, 8)
    for word in (" Yes", " no", "\n"):
        assert encoder.continued(word) == tuple(tokenizer.encode(word, add_special_tokens=False).ids)


def test_a_word_that_does_not_stand_by_itself_behind_the_prompt_is_told() -> None:
    with pytest.raises(RecipeError, match="not read one after the other"):
        asking("own", "Post: {text}\nAnswer: ", 64, 8).continued("yes")
    with pytest.raises(RecipeError, match="not read one after the other"):
        asking("own", PROMPT, 64, 8).continued("")
    with pytest.raises(RecipeError, match="ends every text with '<e>'"):
        asking("greedy", PROMPT, 64, 8).continued(" a")
    with pytest.raises(RecipeError, match="cannot write ' perhaps': it makes it '<unk>'"):
        asking("words", PROMPT, 64, 8).continued(" perhaps")
    assert asking("words", PROMPT, 64, 8).continued(" welcome") == (5,)
