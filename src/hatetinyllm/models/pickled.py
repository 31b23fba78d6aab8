"""
Checkpoints that have only pickled weights: read once without running code, and kept as safetensors.

A pickle is a program. torch reads it with `weights_only`, which runs nothing but the building of tensors and refuses the
rest; that is asked for by name (`pickled = true`), done once, and never again: the copy in our cache is what is used.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from hatetinyllm.data.cache import cache_folder, mark_cache
from hatetinyllm.errors import ModelError
from hatetinyllm.folder import FolderError, check_sums, digest_of, written_whole
from hatetinyllm.models.local import kept_folder
from hatetinyllm.models.output import HEADS

SINGLE, INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"
PICKLED = [SINGLE, "pytorch_model-*.bin", INDEX]
BESIDE = {".json", ".txt", ".model", ".md"}  # what belongs to a checkpoint and is no weights
OPTION = (
    "only pickled weights: --set model.pickled=true, or --pickled of adopt, reads them without running code "
    "and keeps a safetensors copy"
)


def pickled_weights(folder: Path) -> list[Path]:
    """The files of a checkpoint's pickled weights, in order; empty where it has none."""
    index = folder / INDEX
    if not index.is_file():
        return [folder / SINGLE] if (folder / SINGLE).is_file() else []
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{index} lists no files of weights: {error}") from error
    if strange := [name for name in names if Path(str(name)).name != name or not (folder / name).is_file()]:
        raise ModelError(f"{index} lists files that are not beside it", [repr(name) for name in strange[:20]])
    return [folder / name for name in names]


def place_of_copy(folder: Path) -> Path:
    """Where the copy of a local folder is kept: by what its files hold, so that a changed folder has another copy."""
    files = pickled_weights(folder)
    digests = [digest_of(path) for path in [folder / "config.json", *files] if path.is_file()]
    return kept_folder("folder", "-".join(digest[:16] for digest in digests))


def keep_copy(folder: Path, kept: Path) -> None:
    """Write the safetensors copy of a pickled checkpoint, whole or not at all."""
    mark_cache()
    files = pickled_weights(folder)
    with written_whole(kept) as temporary:
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.suffix in BESIDE and not path.name.endswith(".index.json"):
                shutil.copyfile(path, temporary / path.name)
        held: dict[str, str] = {}
        for number, path in enumerate(files, start=1):
            tensors = read_pickled(path)
            name = "model.safetensors" if len(files) == 1 else f"model-{number:05}-of-{len(files):05}.safetensors"
            _save(tensors, temporary / name, read_from=path)
            held |= dict.fromkeys(tensors, name)
        if len(files) > 1:
            (temporary / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": held}))


def whole_copy(kept: Path) -> Path:
    """A kept copy, held against its digests."""
    try:
        check_sums(kept)
    except FolderError as error:
        raise ModelError(error.message, [*error.problems, "make it anew: hatetinyllm cache clear models"]) from error
    return kept


def is_copy(folder: Path) -> bool:
    """Whether a checkpoint is a copy of ours."""
    return folder.is_relative_to(cache_folder() / "models")


def read_pickled(path: Path) -> dict[str, Tensor]:
    """The tensors of a pickled file; nothing else in it is built, and no code of it is run."""
    try:
        held = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except UnpicklingError as error:
        raise ModelError(f"{path} holds more than weights, and reading it would run code of its maker's") from error
    except Exception as error:  # a broken file ends in any kind of exception
        raise ModelError(f"{path} cannot be read: {_first_line(error)}") from error
    if not isinstance(held, dict) or not all(isinstance(value, Tensor) for value in held.values()):
        raise ModelError(f"{path} holds no plain list of tensors by name")
    if strange := [*_strange(held)]:
        raise ModelError(f"{path} holds what no safetensors file can keep", strange[:20])
    return _apart(held)


def _strange(held: dict[Any, Tensor]) -> Iterator[str]:
    for name, tensor in held.items():
        if not isinstance(name, str):
            yield f"{name!r}: a name must be text"
        elif tensor.is_meta:
            yield f"{name}: a shape without numbers"
        elif tensor.layout != torch.strided or tensor.is_quantized or tensor.is_nested:
            yield f"{name}: a sparse, quantised or nested tensor, expected a plain one"


def _save(tensors: dict[str, Tensor], path: Path, *, read_from: Path) -> None:
    """Write a safetensors file. The bytes hang on the tensors alone: a bundle proves its base by the digest of such a copy."""
    try:
        save_file(tensors, path, metadata={"format": "pt"})
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise ModelError(f"{read_from} cannot be kept as safetensors: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _apart(tensors: dict[str, Any]) -> dict[str, Tensor]:
    """Each tensor in memory of its own; an output matrix that is the embeddings under a second name is left out."""
    apart: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name in sorted(tensors, key=lambda name: (name.partition(".")[0] in HEADS, name)):
        memory = tensors[name].untyped_storage().data_ptr()
        if memory in seen and name.partition(".")[0] in HEADS:
            continue
        apart[name] = tensors[name].clone() if memory in seen else tensors[name].contiguous()
        seen.add(memory)
    return apart
