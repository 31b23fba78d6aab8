from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from hatetinyllm.data.corpus.known import KNOWN
from hatetinyllm.data.corpus.places import find_places
from hatetinyllm.errors import DataError, FetchError, TableError


def test_a_file_goes_by_its_name_or_the_one_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "chat").mkdir()
    for name in ("chat/b.txt", "chat/a.jsonl.xz", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    words = (f"{tmp_path}/notes.txt", f"{tmp_path}/chat", f"{tmp_path}/chat/a*", f"mine={tmp_path}/chat/b.txt")
    places = find_places([words[0], words[1], words[3]])
    assert [place.name for place in places] == ["notes", "chat", "mine"]
    assert [path.name for path in places[1].paths] == ["a.jsonl.xz", "b.txt"]
    assert places[0].digests == (sha256(b"notes.txt").hexdigest(),)
    assert places[0].licences == ("own",)
    with pytest.raises(DataError, match="two sources of the corpus go by one name") as caught:
        find_places(words[1:3])
    assert "give each a name of its own" in str(caught.value)


def test_data_stands_for_the_mirror_and_its_files_are_proved(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    books = KNOWN["books"].file.path
    root = mirror({books: "a variant", "text/more.txt": "more", "text/unread.md": "no"})
    known, whole = find_places([f"data:{books}", "data:text/*"])
    assert (known.name, known.licences, known.known[0].prose) == ("books", ("public-domain",), True)
    assert "the mirror's variant" in known.note
    assert (whole.name, whole.whole, whole.licences) == ("text", False, ("own",))
    (root / "text/more.txt").write_text("changed")
    with pytest.raises(FetchError, match="not the file the mirror promises"):
        find_places(["data:text/more.txt"])


def test_a_known_file_that_is_not_here_says_what_to_do() -> None:
    with pytest.raises(FetchError, match="cannot be downloaded by a program") as caught:
        find_places(["data:text/books_publicdomain.txt.xz"])
    assert "HATETINYLLM_DATA" in str(caught.value)


def test_no_name_climbs_out_of_the_folder_of_datasets(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({"text/a.txt": "x"})
    with pytest.raises(FetchError, match="no name of a file inside"):
        find_places(["data:../*"])


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="is not there"):
        find_places([f"{tmp_path}/none.txt"])


def test_the_files_at_hand_are_the_known_ones(real_data: Path) -> None:
    (place,) = find_places(["data:text/comments_civil_wikitalk.txt.xz"])
    assert place.name == "comments"
    assert place.digests == (KNOWN["comments"].file.sha256,)
    (same,) = find_places([str(real_data / "text/comments_civil_wikitalk.txt.xz")])
    assert same.known == (KNOWN["comments"],)
