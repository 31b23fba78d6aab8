"""
The pretrained decoder as it is kept beside its recipes: 16 bits a number, what it came to, and what it read.

    model.safetensors, config.json, tokenizer.json    a checkpoint as the hub has it
    results.json     bits per byte, tokens, and the digests of the recipes it was made by
    corpus.json      its sources, with their licences and digests; never a text
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from hatetinyllm.errors import ModelError
from hatetinyllm.folder import written_whole
from hatetinyllm.plain import to_json

WEIGHTS, RESULTS, CORPUS = "model.safetensors", "results.json", "corpus.json"
COPIED = ("config.json", "tokenizer.json")
Sources = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A kept decoder, and the digest of the recipe of each stage that made it."""

    folder: Path
    recipes: Mapping[str, str]
    figures: Mapping[str, Any]
    sources: Callable[[], Sources]


def keep_decoder(runs: Sequence[Path], folder: Path, recipes: Mapping[str, str], stages: Mapping[str, Any]) -> Path:
    """Write the model of the last run here, in the place of what was there."""
    last = runs[-1]
    tensors = {name: tensor.half() for name, tensor in load_file(last / "model" / WEIGHTS).items()}
    if wrong := [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]:
        raise ModelError(f"the decoder in {last} does not fit into 16 bits", wrong[:8])
    results = {**_json(last / RESULTS), "recipes": dict(recipes), "stages": dict(stages)}
    with written_whole(folder) as temporary:
        save_file(tensors, temporary / WEIGHTS, metadata={"format": "pt"})
        for name in COPIED:
            shutil.copyfile(last / "model" / name, temporary / name)
        _write(temporary / RESULTS, results)
        _write(temporary / CORPUS, {"sources": sources_in(runs)})
    return folder


def read_kept(folder: Path) -> Kept | None:
    """The kept decoder, where there is one."""
    if not all((folder / name).is_file() for name in (WEIGHTS, RESULTS, CORPUS, *COPIED)):
        return None
    said = _json(folder / RESULTS)
    return Kept(
        folder=folder,
        recipes=said.get("recipes", {}),
        figures={name: said.get(name) for name in ("bits_per_byte", "tokens", "steps", "sha256")},
        sources=partial(_sources, folder / CORPUS),
    )


def sources_in(runs: Sequence[Path]) -> Sources:
    """What these runs read, each source once."""
    found = {source["name"]: source for run in runs for source in _sources(run / "corpus" / CORPUS)}
    return list(found.values())


def _sources(path: Path) -> Sources:
    found: Sources = _json(path)["sources"]
    return found


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(to_json(content, indent=2) + "\n", encoding="utf-8", newline="\n")
