"""What only a person can say of a model: whom to write to, under which licence it is given away, why something is not known."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from hatetinyllm.errors import DataError, did_you_mean

# key of the file -> what it is about
ABOUT: Mapping[str, str] = {
    "title": "the model's name",
    "contact": "whom to write to about mistakes and appeals",
    "licence": "under which the model is given away, as an id of the Hugging Face Hub",
    "labels": "the policy by which a text is hateful, in words, and with what it is at odds",
    "leak_probe": "why no audit is given",
    "functions": "why no suite is given",
    "groups": "why no group of people was judged",
    "trained_parameters": "how many were trained, of how many",
    "obfuscation": "what disguised spellings do to it",
    "dialect": "what dialects do to it",
    "latency": "how long a text takes, on which machine",
    "energy": "what training and use took",
    "changes": "what changed from version to version",
    "base_model": "the model it began from, where the bundle does not say",
}


def read_about(file: Path) -> dict[str, str]:
    """The file's words; all that is wrong with it is told at once."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{file} is not TOML: {error}") from error
    problems = [f"unknown key {key!r} ({did_you_mean(key, ABOUT)})" for key in content if key not in ABOUT]
    problems += [f"{key} must be a text, got {value!r}" for key, value in content.items() if not isinstance(value, str)]
    if problems:
        raise DataError(f"{file} cannot be read", problems)
    return {key: " ".join(value.split()) for key, value in content.items()}
