"""The project's own tokenizer: its bytes never change unnoticed, and its command makes the same again."""

import hashlib
import json
import lzma
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, pre_tokenizers

OWN_TOKENIZER = Path(str(files("hatetinyllm.text"))) / "tokenizer.json"
SHA256 = "88f0a92ecaf4a85804601752e1110698f46cb0f18688195d01f5ece8da3ae473"
COMMAND = Path(__file__).parents[2] / "tools" / "train_tokenizer.py"
TEXTS = (
    "The quick fox jumps over the lazy dog in 2024.",
    "A dog is not a fox, and the fox knows it.",
    "Groups of people & their towns.",
) * 20


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(OWN_TOKENIZER))


def train(folder: Path, name: str, *, size: int = 300) -> bytes:
    plain, packed, out = folder / "plain.txt", folder / "packed.txt.xz", folder / name
    plain.write_text("\n".join(TEXTS), encoding="utf-8")
    with lzma.open(packed, "wt", encoding="utf-8") as stream:
        stream.write("\n".join(reversed(TEXTS)))
    subprocess.run([sys.executable, COMMAND, plain, packed, "--size", str(size), "--out", out], check=True)
    return out.read_bytes()


def test_its_bytes_are_the_pinned_ones():
    assert hashlib.sha256(OWN_TOKENIZER.read_bytes()).hexdigest() == SHA256
    assert OWN_TOKENIZER.stat().st_size < 300_000


def test_it_has_4096_entries_and_every_byte(tokenizer: Tokenizer):
    assert tokenizer.get_vocab_size() == 4096
    assert set(pre_tokenizers.ByteLevel.alphabet()) <= set(tokenizer.get_vocab())


def test_pad_and_start_are_its_only_special_tokens(tokenizer: Tokenizer):
    special = {number: token.content for number, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    assert special == {0: "<pad>", 1: "<s>"}
    assert tokenizer.encode("").ids == [1]
    assert tokenizer.encode("", "").ids == [1]


def test_it_keeps_no_padding_and_no_truncation():
    saved = json.loads(OWN_TOKENIZER.read_text(encoding="utf-8"))
    assert saved["padding"] is None
    assert saved["truncation"] is None


@given(st.text(st.characters(codec="utf-8"), max_size=60).filter(lambda text: "<" not in text))
@settings(deadline=None)
def test_every_text_comes_back_as_it_was(tokenizer: Tokenizer, text: str):
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_digits_stand_alone_and_case_is_kept(tokenizer: Tokenizer):
    assert tokenizer.encode("2024").tokens == ["<s>", "2", "0", "2", "4"]
    assert not [
        token for token in tokenizer.get_vocab() if sum(character.isdigit() for character in token) > 1 and token.isascii()
    ]
    assert tokenizer.encode("THE").ids != tokenizer.encode("the").ids


def test_the_command_gives_the_same_bytes_twice(tmp_path: Path):
    first = train(tmp_path, "first.json")
    assert first == train(tmp_path, "second.json")
    trained = Tokenizer.from_str(first.decode())
    assert trained.get_vocab_size() == 300
    assert trained.encode("fox 42").tokens[0] == "<s>"


@pytest.mark.data
@pytest.mark.slow
def test_the_command_gives_the_shipped_bytes(tmp_path: Path, real_data: Path):
    texts = [real_data / "text" / name for name in ("books_publicdomain.txt.xz", "comments_civil_wikitalk.txt.xz")]
    out = tmp_path / "tokenizer.json"
    subprocess.run([sys.executable, COMMAND, *texts, "--size", "4096", "--out", out], check=True)
    assert hashlib.sha256(out.read_bytes()).hexdigest() == SHA256
