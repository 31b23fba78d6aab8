"""A file comes from the mirror, the cache or the network, and its bytes are proved; some files may be missing."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.card import File
from hatetinyllm.data.fetch import fetch, fetch_if_there, watched
from hatetinyllm.errors import FetchError
from hatetinyllm.folder import digest_of

Mirror = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file that stands for the network."""
    path = tmp_path / "source.csv"
    path.write_bytes(b"id,text\n1,hello\n")
    return path


def rewrite(root: Path, **changes: object) -> None:
    """Change the only entry of a mirror's manifest; None takes a key out."""
    manifest = root / "manifest.json"
    entry = json.loads(manifest.read_text(encoding="utf-8"))[0] | changes
    manifest.write_text(json.dumps([{key: value for key, value in entry.items() if value is not None}]), encoding="utf-8")


def test_a_download_is_kept_in_the_cache_once_its_digest_is_right(source: Path, own_cache: Path) -> None:
    file = File(path="made/up.csv", url=source.as_uri(), sha256=digest_of(source))
    found = fetch(file)
    assert found.path == own_cache / "made" / "up.csv"
    assert found.exact
    source.unlink()
    assert fetch(file) == found


def test_other_bytes_than_expected_are_refused_and_not_kept(source: Path, own_cache: Path) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(File(path="made/up.csv", url=source.as_uri(), sha256="0" * 64))
    assert any("other bytes" in problem for problem in caught.value.problems)
    assert list((own_cache / "made").iterdir()) == []


def test_a_file_in_the_cache_that_was_changed_is_refused(source: Path) -> None:
    file = File(path="made/up.csv", url=source.as_uri(), sha256=digest_of(source))
    fetch(file).path.write_bytes(b"tampered")
    with pytest.raises(FetchError, match="not the expected file"):
        fetch(file)


def test_an_offline_machine_learns_where_to_put_the_file(tmp_path: Path, own_cache: Path) -> None:
    with pytest.raises(FetchError, match="is not here and could not be downloaded") as caught:
        fetch(File(path="made/up.csv", url=(tmp_path / "gone.csv").as_uri()))
    assert any(
        str(own_cache / "made" / "up.csv") in problem and "HATETINYLLM_DATA" in problem for problem in caught.value.problems
    )


@pytest.mark.parametrize("how", ["", "ask its makers"])
def test_a_file_without_an_address_says_how_to_get_it(how: str, own_cache: Path) -> None:
    with pytest.raises(FetchError, match="cannot be downloaded by a program") as caught:
        fetch(File(path="made/up.csv", how=how))
    assert list(caught.value.problems[:-1]) == [how] * bool(how)
    (own_cache / "made").mkdir()
    (own_cache / "made" / "up.csv").write_bytes(b"put here by hand")
    assert fetch(File(path="made/up.csv", how=how)).exact


@pytest.mark.parametrize("path", ["../up.csv", "/up.csv", "made/../../up.csv", "made\\..\\up.csv", "C:up.csv", "", "."])
def test_no_path_climbs_out_of_the_cache(path: str, source: Path) -> None:
    with pytest.raises(FetchError, match="no name of a file inside"):
        fetch(File(path=path, url=source.as_uri()))


def test_progress_reaches_whoever_watches_a_block(source: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with watched(lambda done, total: seen.append((done, total))):
        fetch(File(path="made/up.csv", url=source.as_uri()))
    assert seen[-1] == (16, 16)
    fetch(File(path="made/another.csv", url=source.as_uri()))
    assert seen[-1] == (16, 16)
    assert len(seen) == 2


def test_progress_can_be_asked_for_one_file(source: Path) -> None:
    seen: list[int] = []
    fetch(File(path="made/up.csv", url=source.as_uri()), on_progress=lambda done, _: seen.append(done))
    assert seen == [0, 16]


def test_a_mirrors_variant_is_checked_against_its_manifest(mirror: Mirror) -> None:
    root = mirror({"made/up.csv": "id,text\n"})
    file = File(path="made/up.csv", sha256="0" * 64)
    found = fetch(file)
    assert "variant" in found.note
    assert not found.exact
    (root / "made" / "up.csv").write_bytes(b"tampered")
    with pytest.raises(FetchError, match="not the file the mirror promises"):
        fetch(file)


def test_a_mirrors_exact_file_must_be_the_sources_own(mirror: Mirror) -> None:
    root = mirror({"made/up.csv": "id,text\n"})
    rewrite(root, exact=True)
    assert fetch(File(path="made/up.csv", sha256=digest_of(root / "made" / "up.csv"))).note == ""
    assert fetch(File(path="made/up.csv")).exact
    with pytest.raises(FetchError, match="not the file the mirror promises"):
        fetch(File(path="made/up.csv", sha256="0" * 64))


def test_a_mirror_goes_before_the_cache_and_what_it_lacks_comes_from_there(mirror: Mirror, source: Path) -> None:
    root = mirror({"made/up.csv": "id,text\n"})
    assert fetch(File(path="made/up.csv", url=source.as_uri())).path == root / "made" / "up.csv"
    assert fetch(File(path="made/another.csv", url=source.as_uri())).path.read_bytes() == source.read_bytes()


def test_a_mirror_that_lacks_a_file_of_its_manifest_is_an_error(mirror: Mirror) -> None:
    (mirror({"made/up.csv": "id,text\n"}) / "made" / "up.csv").unlink()
    with pytest.raises(FetchError, match=r"names made/up\.csv, but it is not there"):
        fetch(File(path="made/up.csv"))


def test_a_mirror_that_is_no_folder_or_has_no_manifest_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATETINYLLM_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FetchError, match="not a folder"):
        fetch(File(path="made/up.csv"))
    monkeypatch.setenv("HATETINYLLM_DATA", str(tmp_path))
    with pytest.raises(FetchError, match=r"no manifest\.json"):
        fetch(File(path="made/up.csv"))


@pytest.mark.parametrize(
    ("manifest", "said"), [(b"[{", "is no JSON"), (b"\xff\xfe", "is no JSON"), (b"{}", "got dict"), (b"[1]", "cannot be used")]
)
def test_a_broken_manifest_is_told(mirror: Mirror, manifest: bytes, said: str) -> None:
    (mirror({"made/up.csv": "id,text\n"}) / "manifest.json").write_bytes(manifest)
    with pytest.raises(FetchError, match=said):
        fetch(File(path="made/up.csv"))


def test_everything_that_an_entry_lacks_is_told_at_once(mirror: Mirror) -> None:
    root = mirror({"made/up.csv": "id,text\n"})
    rewrite(root, exact="false", sha256=None)
    with pytest.raises(FetchError) as caught:
        fetch(File(path="made/up.csv"))
    assert caught.value.problems == ("entry 1: sha256 is a text, got None; exact is true or false, got 'false'",)


def test_a_manifest_that_names_a_file_twice_is_refused(mirror: Mirror) -> None:
    manifest = mirror({"made/up.csv": "id,text\n"}) / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text(encoding="utf-8")) * 2), encoding="utf-8")
    with pytest.raises(FetchError, match=r"made/up\.csv stands twice"):
        fetch(File(path="made/up.csv"))


def test_a_file_that_may_be_missing_is_downloaded_only_where_no_mirror_is_named(source: Path, mirror: Mirror) -> None:
    file = File(path="made/up.csv", url=source.as_uri())
    assert fetch_if_there(File(path="made/up.csv")) is None
    mirror({"another.csv": "id,text\n"})
    assert fetch_if_there(file) is None


def test_a_file_that_may_be_missing_is_downloaded_without_a_mirror(source: Path) -> None:
    assert fetch_if_there(File(path="made/up.csv", url=source.as_uri())) is not None
