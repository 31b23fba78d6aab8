"""The file of a person's words is read whole, or all that is wrong with it is told."""

from pathlib import Path

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.reporting.about import read_about


def test_words_are_read_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "about.toml").write_text('contact = """\n  ada@example.org,\n  or the desk"""', encoding="utf-8")
    assert read_about(tmp_path / "about.toml") == {"contact": "ada@example.org, or the desk"}


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "about.toml").write_text('contacts = "a"\nlicence = 3\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_about(tmp_path / "about.toml")
    assert caught.value.problems == ("unknown key 'contacts' (did you mean 'contact'?)", "licence must be a text, got 3")


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    (tmp_path / "about.toml").write_bytes(b"\xff = ")
    with pytest.raises(DataError, match="is not TOML"):
        read_about(tmp_path / "about.toml")
