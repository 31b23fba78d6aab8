"""
A text classifier of the Hugging Face hub or of a folder, as Transformers' own pipeline runs it.

Only safetensors are read and no code of the checkpoint is run. Which of its labels is hate is named, or recognised where
every source means the same by it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, TextClassificationPipeline

from hatetinyllm.errors import ModelError
from hatetinyllm.inference.detectors.answers import Answers, AnyDetector, Told
from hatetinyllm.inference.detectors.positive import positive_of
from hatetinyllm.models.hub import find_checkpoint, quiet, weights_digest

BATCH = 16
CHUNK = 128
LONGEST = 1 << 20  # a tokenizer that knows no limit states one beyond this
PLACES_LOST = 2  # some nets number places from behind their padding's


def open_detector(place: str, *, positive: str | None = None) -> AnyDetector:
    """The classifier of a hub id (ID@REVISION for one of its commits) or of a folder."""
    id, _, revision = place.partition("@") if not Path(place).is_dir() else (place, "", "")
    folder, commit = find_checkpoint(id, revision or None)
    net = _net(folder)
    label = positive_of([str(one) for one in net.config.id2label.values()], positive, where=place)
    pipeline = TextClassificationPipeline(
        model=net, tokenizer=_tokenizer(folder), device="cuda" if torch.cuda.is_available() else "cpu"
    )

    def ask(texts: Sequence[str], told: Told) -> Answers:
        return _answers(pipeline, label, texts, told)

    identity = f"{id}@{commit}" if commit else f"sha256:{weights_digest(folder)}"
    return AnyDetector(kind="pipeline", name=id, identity=identity, asked=label, ask=ask)


def _answers(pipeline: Any, label: str, texts: Sequence[str], told: Told) -> Answers:
    scores: list[float] = []
    for start in range(0, len(texts), CHUNK):
        chunk = list(texts[start : start + CHUNK])
        with quiet():
            found = pipeline(chunk, top_k=None, truncation=True, max_length=_longest(pipeline), batch_size=_batch(pipeline))
        scores += [next(one["score"] for one in answer if one["label"] == label) for answer in found]
        told(len(chunk))
    return Answers(scores=np.array(scores, dtype=np.float64))


def _net(folder: Path) -> Any:
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"{folder} has no safetensors", ["other files of weights can run code when opened, and are not read"])
    try:
        with quiet():
            net, told = AutoModelForSequenceClassification.from_pretrained(
                folder, use_safetensors=True, trust_remote_code=False, local_files_only=True, output_loading_info=True
            )
    except Exception as error:  # a broken checkpoint ends in any kind of exception
        raise ModelError(f"the checkpoint in {folder} cannot be read as a text classifier", [_first_line(error)]) from error
    if lacking := sorted(told["missing_keys"]):
        raise ModelError(
            f"the checkpoint in {folder} is no text classifier: it lacks weights, which would be random", lacking[:8]
        )
    return net.eval()


def _tokenizer(folder: Path) -> Any:
    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # each kind of tokenizer breaks in its own way
        raise ModelError(f"the checkpoint in {folder} has no tokenizer that can be read", [_first_line(error)]) from error


def _longest(pipeline: Any) -> int | None:
    """As many tokens as it can read; what is beyond is cut, as its own users cut it."""
    limit = pipeline.tokenizer.model_max_length
    if 0 < limit < LONGEST:
        return int(limit)
    places = getattr(pipeline.model.config, "max_position_embeddings", None)
    return places - PLACES_LOST if places else None


def _batch(pipeline: Any) -> int:
    """Texts of several lengths need padding, and a net that reads its last token needs to know it."""
    padded = pipeline.tokenizer.pad_token_id is not None and pipeline.model.config.pad_token_id is not None
    return BATCH if padded else 1


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
