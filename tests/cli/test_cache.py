"""The cache is shown and cleared, and nothing is deleted unasked."""

from pathlib import Path

from hatetinyllm.data.cache import mark_cache


def test_an_empty_cache_says_where_it_is(call, own_cache: Path) -> None:
    answer = call("cache", "list")
    assert str(own_cache) in answer.out
    assert "it is empty" in answer.out


def fill(own_cache: Path) -> None:
    mark_cache()
    (own_cache / "davidson").mkdir(parents=True)
    (own_cache / "davidson" / "a.csv").write_bytes(b"x" * 1000)


def test_what_is_there_is_counted(call, own_cache: Path) -> None:
    fill(own_cache)
    assert call("cache", "list", "--json").json == {
        "folder": str(own_cache),
        "held": [{"name": "davidson", "files": 1, "size_bytes": 1000}],
    }


def test_clearing_asks_first(call, own_cache: Path) -> None:
    fill(own_cache)
    assert call("cache", "clear", stdin="n\n").code == 130
    assert (own_cache / "davidson").exists()
    assert "deleted davidson" in call("cache", "clear", "--yes").out
    assert not (own_cache / "davidson").exists()


def test_an_unknown_folder_is_told(call, own_cache: Path) -> None:
    fill(own_cache)
    answer = call("cache", "clear", "davidsn", "--yes")
    assert answer.code == 2
    assert "did you mean 'davidson'" in answer.err
