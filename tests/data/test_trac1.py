"""TRAC-1: no header, one language at a time, and no row without text."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.trac1 import FILES, load
from hatetinyllm.errors import LicenceError

MADE_UP = {
    FILES["en train"].path: 'f_1,"go away\ngr**p, ""all"" of you",OAG\nf_2,well well,CAG\n',
    FILES["en dev"].path: "f_3,nice day,NAG\n",
    FILES["hi train"].path: "f_4,नमस्ते,NAG\nf_5,,NAG\n",
    FILES["hi dev"].path: "f_6,shubh ratri,NAG\n",
}


def test_the_first_line_is_a_row_and_a_text_keeps_its_line_break(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    overt, covert = splits.train
    assert (overt.id, overt.text) == ("f_1", 'go away\ngr**p, "all" of you')
    assert (overt.line, covert.line) == (1, 3)
    assert [row.labels["aggression"] for row in splits.rows()] == [("overt",), ("covert",), ("none",)]


def test_a_row_without_text_is_set_aside(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load(language="hi")
    assert [(row.id, row.language) for row in splits.rows()] == [("f_4", "hi"), ("f_6", "hi")]
    assert [(row.line, row.file) for row in splits.rejected] == [(2, FILES["hi train"].path)]


def test_consent_is_asked_for(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    with pytest.raises(LicenceError, match="HATETINYLLM_ACCEPT=trac1"):
        load_dataset("trac1")


@pytest.mark.data
def test_the_real_files_have_15000_rows_in_each_language(real_data: Path) -> None:
    english, hindi = load(), load(language="hi")
    assert count_labels(english) == {
        "train": {"covert": 4_240, "none": 5_051, "overt": 2_708},
        "dev": {"covert": 1_057, "none": 1_233, "overt": 711},
    }
    assert count_labels(hindi) == {
        "train": {"covert": 4_869, "none": 2_274, "overt": 4_856},
        "dev": {"covert": 1_246, "none": 538, "overt": 1_217},
    }
    assert [row.reason for row in hindi.rejected] == ["no text"]
    for splits, shared in ((english, 76), (hindi, 129)):
        assert len({row.text for row in splits.train} & {row.text for row in splits.dev}) == shared
