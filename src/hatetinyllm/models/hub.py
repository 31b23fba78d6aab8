"""
Any causal language model of Transformers, by hub id or from a local folder.

Only safetensors are read, no code of the checkpoint is run, and the revision is pinned: a name is resolved to a commit
once, and the commit is what the bundle records. The network is used only for files that are not in the hub's cache.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError
from tokenizers import Tokenizer
from transformers import MODEL_MAPPING, AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from hatetinyllm.bundle import Base
from hatetinyllm.errors import ModelError
from hatetinyllm.folder import digest_of
from hatetinyllm.models.model import Model
from hatetinyllm.models.readout import Readout

FILES = [
    "config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special_tokens_map.json",
]


def load(
    n_labels: int,
    *,
    id: str,  # a hub id such as HuggingFaceTB/SmolLM2-135M, or a folder
    revision: str | None = None,  # commit, tag or branch; the commit is recorded
) -> Model:
    """The decoder of a checkpoint with a fresh readout of so many labels."""
    folder, commit = find_checkpoint(id, revision)
    decoder = read_decoder(folder)
    require_causal(decoder, folder)
    return Model(
        net=Readout(decoder, n_labels),
        tokenizer=read_tokenizer(folder),
        max_tokens=getattr(decoder.config, "max_position_embeddings", None) or 2048,
        base=Base(source=id, revision=commit, sha256=weights_digest(folder), licence=stated_licence(folder)),
        folder=folder,
    )


def find_checkpoint(id: str, revision: str | None) -> tuple[Path, str | None]:
    """The folder of a checkpoint and the commit it is of, downloaded only if it is not here."""
    if id.startswith(("\\\\", "//")):
        raise ModelError(f"model {id!r} is on another machine", ["copy it to a folder of this one"])
    if id.startswith("~") and "/" not in id:
        raise ModelError(f"model {id!r} is no hub id and no folder")
    if Path(id).is_dir() or (id.startswith("~/") and Path(id).expanduser().is_dir()):
        return Path(id).expanduser(), None
    constants.HF_HUB_DISABLE_TELEMETRY = True
    try:
        folder = Path(snapshot_download(id, revision=revision, allow_patterns=FILES))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelError(f"the hub has no model {id!r} at revision {revision or 'main'!r}", [_first_line(error)]) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError) as error:
        hints = [_first_line(error), "offline? give a folder that holds the checkpoint as id"]
        raise ModelError(f"model {id!r} is not here and could not be downloaded", hints) from error
    return folder, folder.name


def read_decoder(folder: Path) -> torch.nn.Module:
    """The decoder in 32-bit floats, from safetensors only."""
    if not any(folder.glob("*.safetensors")):
        held = sorted(
            path.name for path in folder.glob("*") if path.suffix in (".bin", ".pt", ".pth", ".ckpt", ".msgpack", ".h5")
        )
        found = f"it holds {', '.join(held)}, and such files can run code when opened" if held else "it holds no weights"
        raise ModelError(f"{folder} has no safetensors: {found}")
    try:
        with _quiet():
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
            decoder, told = AutoModel.from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                output_loading_info=True,
                attn_implementation=attention_of(config),
            )
    except Exception as error:  # a broken checkpoint ends in any kind of exception
        raise ModelError(f"the checkpoint in {folder} cannot be read", [_first_line(error)]) from error
    if lacking := sorted(told["missing_keys"]):
        raise ModelError(f"the checkpoint in {folder} lacks weights, which would be random", lacking[:20])
    made: torch.nn.Module = decoder
    return made


def read_tokenizer(folder: Path) -> Tokenizer:
    """The checkpoint's tokenizer; older forms are converted by Transformers, without running code of theirs."""
    try:
        if (folder / "tokenizer.json").is_file():
            return Tokenizer.from_file(str(folder / "tokenizer.json"))
        converted: Tokenizer = AutoTokenizer.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        ).backend_tokenizer
    except Exception as error:  # tokenizers raises plain Exception for every kind of broken file
        raise ModelError(f"the checkpoint in {folder} has no tokenizer that can be read", [_first_line(error)]) from error
    return converted


def attention_of(config: Any) -> str:
    """Stated, so that no configuration can name another one: Transformers would fetch a kernel of that name from the hub."""
    return "sdpa" if getattr(MODEL_MAPPING.get(type(config), None), "_supports_sdpa", False) else "eager"


@torch.inference_mode()
def require_causal(decoder: torch.nn.Module, folder: Path) -> None:
    """Refuse a net in which a token sees what stands behind it: without a mask its verdicts would hang on the padding."""
    ids = torch.arange(1, 9).unsqueeze(0)
    try:
        whole, cut = (decoder.eval()(input_ids=part).last_hidden_state[:, :4] for part in (ids, ids[:, :4]))
    except Exception as error:  # an encoder-decoder wants more than ids, and each kind says so in its own way
        raise ModelError(f"the checkpoint in {folder} is no causal language model", [_first_line(error)]) from error
    if not torch.allclose(whole, cut, atol=1e-3):
        kind = getattr(decoder.config, "model_type", "its kind")
        raise ModelError(f"the checkpoint in {folder} is no causal language model ({kind}): its tokens see what comes after them")


def weights_digest(folder: Path) -> str:
    """One digest of the configuration and all weight files, by name and content."""
    combined = hashlib.sha256()
    for path in [folder / "config.json", *sorted(folder.glob("*.safetensors"))]:
        combined.update(f"{digest_of(path)}  {path.name}\n".encode())
    return combined.hexdigest()


def stated_licence(folder: Path) -> str:
    """The licence in the head of the checkpoint's own card, or nothing."""
    card = folder / "README.md"
    head = card.read_text(encoding="utf-8", errors="replace").split("---")[1:2] if card.is_file() else []
    found = re.search(r"^license:\s*(\S+)", head[0], re.MULTILINE) if head else None
    return found.group(1).strip("\"'") if found else ""


@contextmanager
def _quiet() -> Iterator[None]:
    """Transformers reports the language-model head as unexpected, and draws bars: both are put back afterwards."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
