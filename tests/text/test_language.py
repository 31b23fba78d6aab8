"""Other languages are told by script or by their small words; in doubt a text is English."""

from pathlib import Path

import pytest

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.text.language import looks_foreign


@pytest.mark.parametrize(
    "text",
    [
        "Привет, как дела",
        "यह एक हिंदी वाक्य है",
        "日本語です",
        "das ist nicht das Ende der Welt",
        "no sabemos qué hacer con estos",
        "non capisco perché vengono qui",
        "je ne veux pas de ces gens chez nous",
        "ik denk dat het niet van hier is",
        "vi tror inte att det är sant",
        "nie wiem czy to jest prawda",
        "bu ülkede hiç kimse benim gibi değil",
        "ye log hamesha aise kyun karte hai",
        "saya tidak tahu apa yang mereka lakukan",
        "@user das ist #nicht so https://example.org/the-and-of",
        "d\u200bas ist n\u200bicht das Ende",
    ],
)
def test_another_language_is_found(text: str) -> None:
    assert looks_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "!!! 😀 123",
        "smh ppl b trippin fr",
        "yall niggahz finna get dat",
        "dis da ting dem man no run",
        "déjà vu at the café with my fiancée",
        "Los Angeles, Las Vegas, El Paso",
        "que sera sera",
        "I met him in Привет Bar",
        "уоu аrе ѕо niсе",
        "¯\\_(ツ)_/¯",
        "h a t e d a y s",
        "Schadenfreude",
        "they said das ist nicht gut and I do not know what that is",
    ],
)
def test_in_doubt_a_text_is_english(text: str) -> None:
    assert not looks_foreign(text)


@pytest.mark.data
@pytest.mark.parametrize(("name", "most"), [("dynahate", 0.001), ("davidson", 0.005), ("edos", 0.001)])
def test_english_rows_are_not_refused(real_data: Path, name: str, most: float) -> None:
    texts = [example.text for example in load_dataset(name).rows()][::20]
    assert sum(map(looks_foreign, texts)) <= most * len(texts)


@pytest.mark.data
@pytest.mark.parametrize("name", ["gahd", "germeval-2018"])
def test_german_rows_are_refused(real_data: Path, name: str) -> None:
    texts = [example.text for example in load_dataset(name).rows() if len(example.text.split()) >= 5][::20]
    assert sum(map(looks_foreign, texts)) >= 0.9 * len(texts)
