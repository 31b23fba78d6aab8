"""
The texts of judged rows, from the user's own copy of the data: a judgement holds none.

A judgement may be a stranger's and name any file: what is read must have the digest the judgement states, so that nothing
is shown that its maker did not have already. Of its recipe only what gives rows is followed, so no plugin is imported.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hatetinyllm.errors import DataError, HateTinyLLMError
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.folder import digest_of
from hatetinyllm.studies.judge import digest_of_part
from hatetinyllm.training.follow import check, read_splits
from hatetinyllm.training.unseen import SECTIONS
from hatetinyllm.types import PARTS

# Only of these do options name files of the user's.
FILES = {"data": ("table", ("path", *PARTS)), "split": ("from-file", ("path",))}
ELSEWHERE = ("\\\\", "//", "~")  # another machine's folder, or a home


def texts_of(judgement: Judgement) -> Mapping[str, str]:
    """The text of each row by its id; data that is gone, or is no longer the same, is an error that says so."""
    judged = judgement.judged
    if not judged.asked:
        raise DataError(f"{judgement.name} does not say how its rows are read")
    asked = {name: judged.asked[name] for name in SECTIONS if name in judged.asked}
    try:
        _refuse_other_files(asked, judged.files)
        splits = read_splits(check({"model": {"name": "scratch"}, "tuning": {"name": "head"}, **asked}))
    except HateTinyLLMError as error:
        raise DataError(f"the texts of {judgement.name} cannot be read: {error.message}", error.problems) from error
    if digest_of_part(splits, judged.part) != judged.digest:
        raise DataError(f"the rows of {judged.name} {judged.part} are no longer those that {judgement.name} was judged on")
    return {example.id: example.text for example in splits.part(judged.part)}


def _refuse_other_files(asked: Mapping[str, Any], files: Mapping[str, str]) -> None:
    """No file of this machine is read as a table but those that were judged."""
    known = set(files.values())
    for name in _files_of(asked):
        if name.startswith(ELSEWHERE) or not Path(name).is_file() or digest_of(Path(name)) not in known:
            raise DataError(f"{name} is not here, or no longer the file that was judged")


def _files_of(asked: Mapping[str, Any]) -> Iterator[str]:
    for section, (reader, keys) in FILES.items():
        options = asked.get(section)
        if isinstance(options, Mapping) and options.get("name") == reader:
            yield from (str(options[key]) for key in keys if options.get(key))
