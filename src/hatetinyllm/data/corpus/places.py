"""
What the words of `files` mean: paths, folders and patterns, each with a name, a licence and the digests of its bytes.

`data:text/books.txt.xz` lies in the folder of datasets: the mirror HATETINYLLM_DATA where one is named, else the cache.
`mine=chat/*.jsonl` gives a source a name of its own; without one a file or folder goes by its own name.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hatetinyllm.data.cache import cache_folder, inside
from hatetinyllm.data.card import File
from hatetinyllm.data.corpus.documents import GLOB_SIGNS, text_files
from hatetinyllm.data.corpus.known import BY_DIGEST, KNOWN, KnownText
from hatetinyllm.data.fetch import fetch
from hatetinyllm.errors import DataError
from hatetinyllm.folder import digest_of

DATA = "data:"
_NAMED = re.compile(r"([\w-]+)=(.+)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Place:
    """The files of one source, and what is known of them."""

    name: str
    paths: tuple[Path, ...]
    digests: tuple[str, ...]  # of the bytes as they lie there, in the order of the paths
    known: tuple[KnownText, ...] = ()
    whole: bool = False  # everything in it is known
    note: str = ""

    @property
    def licences(self) -> tuple[str, ...]:
        """The licences of all its files; what nobody knows is the user's own."""
        held = [id for text in self.known for id in text.licences]
        return tuple(dict.fromkeys([*held, *(() if self.whole else ("own",))]))

    @property
    def upstream(self) -> tuple[str, ...]:
        """Where its files came from, as far as it is known."""
        return tuple(dict.fromkeys(address for text in self.known for address in text.upstream))


def find_places(words: Sequence[str]) -> list[Place]:
    """The places of all words; names that clash are an error."""
    places = [_place(word) for word in words]
    names = [place.name for place in places]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        hint = "give each a name of its own, as in comments=folder/file.txt"
        raise DataError("two sources of the corpus go by one name", [f"{name!r}: {hint}" for name in twice])
    return places


def _place(word: str) -> Place:
    named = _NAMED.fullmatch(word)
    name, path = (named[1], named[2]) if named and not Path(word).expanduser().exists() else ("", word)
    if path.startswith(DATA):
        paths, digests, notes = _of_data(path.removeprefix(DATA))
    else:
        paths = text_files(path)
        digests, notes = [digest_of(other) for other in paths], []
    by_path = {text.file.path: text for text in KNOWN.values()} if path.startswith(DATA) else {}
    found = [BY_DIGEST.get(digest) or by_path.get(path.removeprefix(DATA)) for digest in digests]
    known = tuple(text for text in found if text)
    own = known[0].name if len(paths) == 1 and known else _own_name(path.removeprefix(DATA))
    return Place(
        name=name or own,
        paths=tuple(paths),
        digests=tuple(digests),
        known=known,
        whole=None not in found,
        note="; ".join(notes),
    )


def _of_data(name: str) -> tuple[list[Path], list[str], list[str]]:
    """Files of the mirror or the cache, each proved by `fetch`."""
    root = Path(os.environ.get("HATETINYLLM_DATA") or cache_folder()).expanduser()
    known = {text.file.path: text.file for text in KNOWN.values()}
    if name in known or not (any(sign in name for sign in GLOB_SIGNS) or (root / name).is_dir()):
        relative = [name]
    else:
        inside(root, name)
        relative = [path.relative_to(root).as_posix() for path in text_files(root / name)]
    fetched = [fetch(known.get(path, File(path=path))) for path in relative]
    return [file.path for file in fetched], [file.sha256 for file in fetched], [file.note for file in fetched if file.note]


def _own_name(path: str) -> str:
    """`chat` of `data/chat.jsonl.xz` and of `data/chat/*.jsonl`."""
    parts = [part for part in Path(path).parts if not any(sign in part for sign in GLOB_SIGNS)]
    return Path(parts[-1]).name.partition(".")[0] if parts else "files"
