"""A file comes from the mirror, the cache or the network, and its bytes are proved; some files may be missing."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.card import File
from hatetinyllm.data.fetch import fetch, fetch_if_there
from hatetinyllm.errors import FetchError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file that stands for the network."""
    path = tmp_path / "source.csv"
    path.write_bytes(b"id,text\n1,hello\n")
    return path


def test_a_download_is_kept_in_the_cache_once_its_digest_is_right(source: Path, own_cache: Path) -> None:
    file = File(path="made/up.csv", url=source.as_uri(), sha256=sha256_of(source))
    found = fetch(file)
    assert found.path == own_cache / "made" / "up.csv"
    assert found.exact
    source.unlink()
    assert fetch(file) == found


def test_other_bytes_than_expected_are_refused_and_not_kept(source: Path, own_cache: Path) -> None:
    with pytest.raises(FetchError, match="other bytes"):
        fetch(File(path="made/up.csv", url=source.as_uri(), sha256="0" * 64))
    assert list((own_cache / "made").iterdir()) == []


def test_a_mirrors_variant_is_checked_against_its_manifest(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    root = mirror({"made/up.csv": "id,text\n"})
    file = File(path="made/up.csv", sha256="0" * 64)
    assert "variant" in fetch(file).note
    (root / "made" / "up.csv").write_bytes(b"tampered")
    with pytest.raises(FetchError, match="not the file the mirror promises"):
        fetch(file)


def test_a_file_that_may_be_missing_is_downloaded_only_where_no_mirror_is_named(
    source: Path, mirror: Callable[[Mapping[str, str]], Path]
) -> None:
    file = File(path="made/up.csv", url=source.as_uri())
    assert fetch_if_there(File(path="made/up.csv")) is None
    mirror({"another.csv": "id,text\n"})
    assert fetch_if_there(file) is None


def test_a_file_that_may_be_missing_is_downloaded_without_a_mirror(source: Path) -> None:
    assert fetch_if_there(File(path="made/up.csv", url=source.as_uri())) is not None
