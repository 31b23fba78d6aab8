"""
Where a known model may lie on this machine already: the user's own folders, our safetensors copies, the hub's cache.

Found by looking alone: nothing is downloaded, and neither torch nor the hub's library is imported.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatetinyllm.data.cache import cache_folder
from hatetinyllm.models.card import ModelCard

OWN = "HATETINYLLM_MODELS"
TINY = "hatetinyllm_tiny"  # in the config.json of a checkpoint of random weights that stands in for a known model


def own_folder(name: str) -> Path | None:
    """The user's own copy: a folder of the model's name in the folder that HATETINYLLM_MODELS names."""
    given = os.environ.get(OWN)
    folder = Path(given).expanduser() / name if given else None
    return folder if folder and folder.is_dir() else None


def kept_folder(source: str, version: str) -> Path:
    """Where the safetensors copy of a pickled checkpoint is kept, by the hub's id and commit, or by the files' digest."""
    return cache_folder() / "models" / source.replace("/", "--") / version


def hub_folder(id: str, revision: str | None) -> Path | None:
    """A downloaded revision in the hub's cache; any of them where none is asked for."""
    snapshots = _hub_cache() / f"models--{id.replace('/', '--')}" / "snapshots"
    found = [snapshots / revision] if revision else sorted(snapshots.glob("*"))
    return next((folder for folder in found if folder.is_dir()), None)


def find_local(card: ModelCard) -> Path | None:
    """The folder that holds a model's weights, or None for a model that would have to be downloaded."""
    if own := own_folder(card.name):
        return own if _is_of(card, own) else None
    kept = kept_folder(card.id, card.revision) if card.revision else None
    for folder in (kept, hub_folder(card.id, card.revision)):
        if folder and _has_weights(folder):
            return folder
    return None


def find_other(card: ModelCard) -> Path | None:
    """The user's own folder of a model's name, where it holds something else: another shape, a tiny stand-in, or nothing."""
    own = own_folder(card.name)
    return own if own and not _is_of(card, own) else None


def is_tiny(folder: Path) -> bool:
    """Whether a checkpoint says of itself that it stands in for a known model, with few weights and random ones."""
    return bool(read_shape(folder).get(TINY))


def read_shape(folder: Path) -> Mapping[str, Any]:
    """What a checkpoint's config.json says; nothing where there is none that can be read."""
    try:
        said = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _is_of(card: ModelCard, folder: Path) -> bool:
    """As far as the words of its config.json tell; loading compares every value of the shape."""
    said = read_shape(folder)
    plain = {key: value for key, value in card.shape.items() if not isinstance(value, dict | list)}
    differs = any(key in said and said[key] != value for key, value in plain.items())
    return "model_type" in said and not differs and not said.get(TINY) and _has_weights(folder)


def _has_weights(folder: Path) -> bool:
    """A download that was broken off leaves links to nothing, which are no files."""
    held = [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]
    return bool(held) and all(path.is_file() for path in held)


def _hub_cache() -> Path:
    """As the hub's own library finds it."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if given := os.environ.get(name):
            return Path(given).expanduser()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("HF_HOME") or caches / "huggingface").expanduser() / "hub"
