"""One place for downloads and consents: where it is, what it holds, and what may be deleted."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.data.cache import (
    CONSENTS,
    MARK,
    Cached,
    cache_folder,
    clear_cache,
    consents,
    inside,
    list_cache,
    mark_cache,
    record_consent,
)
from hatetinyllm.errors import DataError, FetchError, UnknownName


def fill(root: Path) -> None:
    for name, content in (("one/a.csv", b"abc"), ("one/deep/b.csv", b"de"), ("two/c.csv", b"f")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def test_the_cache_is_named_by_the_environment(own_cache: Path) -> None:
    assert cache_folder() == own_cache


@pytest.mark.parametrize(
    ("system", "variable", "ending"),
    [
        ("linux", "XDG_CACHE_HOME", "place/hatetinyllm"),
        ("win32", "LOCALAPPDATA", "place/hatetinyllm"),
        ("darwin", "HOME", "Caches/hatetinyllm"),
    ],
)
def test_without_it_the_system_names_the_place(system: str, variable: str, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HATETINYLLM_CACHE")
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv(variable, "/place")
    assert cache_folder().as_posix().endswith(ending)


def test_asking_makes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HATETINYLLM_CACHE", str(tmp_path / "not" / "yet"))
    assert list(list_cache()) == []
    assert clear_cache() == []
    assert consents() == {}
    assert list(tmp_path.iterdir()) == []


def test_the_cache_lists_its_folders_with_their_sizes(own_cache: Path) -> None:
    fill(own_cache)
    assert list(list_cache()) == [Cached(name="one", files=2, size_bytes=5), Cached(name="two", files=1, size_bytes=1)]


def test_one_folder_is_cleared_and_the_rest_stays(own_cache: Path) -> None:
    mark_cache()
    fill(own_cache)
    assert [cached.name for cached in clear_cache("one")] == ["one"]
    assert [cached.name for cached in list_cache()] == ["two"]


def test_clearing_all_keeps_the_consents(own_cache: Path) -> None:
    record_consent("made-up", "research")
    fill(own_cache)
    assert len(clear_cache()) == 2
    assert consents() == {"made-up": "research"}
    assert sorted(path.name for path in own_cache.iterdir()) == [MARK, CONSENTS]


def test_an_unknown_folder_is_an_error_with_the_nearest_one(own_cache: Path) -> None:
    fill(own_cache)
    with pytest.raises(UnknownName, match="did you mean 'two'"):
        clear_cache("twoo")


def test_a_folder_that_was_no_cache_of_ours_is_never_cleared(own_cache: Path) -> None:
    fill(own_cache)
    mark_cache()  # too late: there were other things in it
    with pytest.raises(DataError, match="nothing in it was deleted"):
        clear_cache()
    assert len(list(list_cache())) == 2


def test_the_systems_own_place_needs_no_mark(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HATETINYLLM_CACHE")
    monkeypatch.setattr("hatetinyllm.data.cache.cache_folder", lambda: own_cache)
    fill(own_cache)
    assert len(clear_cache()) == 2


def test_a_link_out_of_the_cache_is_not_followed(own_cache: Path, tmp_path: Path) -> None:
    mark_cache()
    fill(tmp_path)
    try:
        (own_cache / "link").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("links need a privilege here")
    assert clear_cache() == []
    assert (tmp_path / "one" / "a.csv").exists()


def test_a_cache_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HATETINYLLM_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match="cannot be written"):
        record_consent("made-up", "research")


def test_consents_add_up_and_the_last_word_counts(own_cache: Path) -> None:
    record_consent("one", "research")
    record_consent("two", "cc-by-nc-4.0")
    record_consent("one", "cc-by-nc-4.0")
    assert consents() == {"one": "cc-by-nc-4.0", "two": "cc-by-nc-4.0"}
    assert json.loads((own_cache / CONSENTS).read_text(encoding="utf-8")) == consents()


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b'{"one": 1}'])
def test_a_broken_list_of_consents_is_told(own_cache: Path, content: bytes) -> None:
    (own_cache / CONSENTS).write_bytes(content)
    with pytest.raises(DataError, match="agree again"):
        consents()


@given(st.lists(st.sampled_from(["..", ".", "a", "b.csv", "", "\\", "C:", "\0"]), max_size=4).map("/".join))
def test_a_name_is_inside_or_refused(name: str) -> None:
    root = Path("root").resolve()
    try:
        path = inside(root, name)
    except FetchError:
        return
    assert path.resolve().is_relative_to(root)
    assert path.resolve() != root
