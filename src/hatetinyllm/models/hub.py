"""
Any causal language model of Transformers, by hub id or from a local folder.

Only safetensors are read, no code of the checkpoint is run, and the revision is pinned: a name is resolved to a commit
once, and the commit is what the bundle records. The network is used only for files that are not in the hub's cache. A
checkpoint that has only pickled weights is read through the safetensors copy that pickled.py keeps, if that is asked for.
"""

import hashlib
import logging as logs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import logging as hub_logging
from tokenizers import Tokenizer
from transformers import MODEL_MAPPING, AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from hatetinyllm.bundle import Base
from hatetinyllm.errors import ModelError
from hatetinyllm.folder import digest_of
from hatetinyllm.models.local import kept_folder
from hatetinyllm.models.model import Model
from hatetinyllm.models.pickled import OPTION, PICKLED, is_copy, keep_copy, pickled_weights, place_of_copy, whole_copy
from hatetinyllm.models.readout import Readout

COMMIT = re.compile("[0-9a-f]{40}")
PATH = re.compile(r"[/~]|\.\.?(/|$)|.*\\|[A-Za-z]:")
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
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> Model:
    """The decoder of a checkpoint with a fresh readout of so many labels."""
    folder, commit = find_checkpoint(id, revision, pickled=pickled)
    return read_model(folder, n_labels, source=id, revision=commit)


def check(*, id: str, revision: str | None = None, pickled: bool = False) -> None:
    """Refuse an id that names a folder which is not there."""
    local_folder(id)


def outline(n_labels: int, *, id: str, revision: str | None = None, pickled: bool = False) -> Readout:
    """The same net on the meta device; of the hub only the configuration is asked for, and pickled weights never matter."""
    folder = local_folder(id)
    if folder is None:
        with _told(id, revision):
            folder = Path(hf_hub_download(id, "config.json", revision=revision)).parent
    return empty_net(read_configuration(folder), n_labels)


def read_model(folder: Path, n_labels: int, *, source: str, revision: str | None, licence: str = "") -> Model:
    """The model of a folder; `licence` is said where the folder's own card states none that has a name."""
    decoder = read_decoder(folder)
    require_causal(decoder, folder)
    stated = stated_licence(folder)
    licence = licence if stated in ("", "other") and licence else stated
    note = f"the weights of {source} were pickled: they were read without running code, and a safetensors copy is in {folder}"
    return Model(
        net=Readout(decoder, n_labels),
        tokenizer=read_tokenizer(folder),
        max_tokens=getattr(decoder.config, "max_position_embeddings", None) or 2048,
        base=Base(source=source, revision=revision, sha256=weights_digest(folder), licence=licence),
        folder=folder,
        notes=(note,) if is_copy(folder) else (),
    )


def find_checkpoint(id: str, revision: str | None, *, pickled: bool = False) -> tuple[Path, str | None]:
    """The folder of a checkpoint and the commit it is of, downloaded only if it is not here."""
    if (folder := local_folder(id)) is not None:
        if any(folder.glob("*.safetensors")) or not pickled_weights(folder):
            return folder, None
        return _through_copy(folder, place_of_copy(folder), pickled=pickled), None
    if COMMIT.fullmatch(revision or "") and (kept := kept_folder(id, str(revision))).is_dir():
        return whole_copy(kept), revision
    folder = _download(id, revision, FILES)
    if any(folder.glob("*.safetensors")):
        return folder, folder.name
    kept = kept_folder(id, folder.name)
    if pickled and not kept.is_dir():
        folder = _download(id, folder.name, [*FILES, *PICKLED])
    return _through_copy(folder, kept, pickled=pickled), folder.name


def local_folder(id: str) -> Path | None:
    """The folder that an id names; None for an id of the hub."""
    if id.startswith(("\\\\", "//")):
        raise ModelError(f"model {id!r} is on another machine", ["copy it to a folder of this one"])
    if id.startswith("~") and "/" not in id:
        raise ModelError(f"model {id!r} is no hub id and no folder")
    if Path(id).is_dir() or (id.startswith("~/") and Path(id).expanduser().is_dir()):
        return Path(id).expanduser()
    if PATH.match(id) or id.count("/") > 1:  # an id of the hub is owner/name
        raise ModelError(f"there is no folder {id!r}", ["give a folder that holds a checkpoint, or a hub id: owner/name"])
    return None


def _through_copy(folder: Path, kept: Path, *, pickled: bool) -> Path:
    """The safetensors copy, made now if that is allowed; else the folder as it is."""
    if pickled and not kept.is_dir() and pickled_weights(folder):
        keep_copy(folder, kept)
    return whole_copy(kept) if kept.is_dir() else folder


def _download(id: str, revision: str | None, files: list[str]) -> Path:
    with _told(id, revision):
        return Path(snapshot_download(id, revision=revision, allow_patterns=files))


@contextmanager
def _told(id: str, revision: str | None) -> Iterator[None]:
    """The hub is asked without telemetry; what goes wrong between here and there is told in words."""
    constants.HF_HUB_DISABLE_TELEMETRY = True
    try:
        with _without_retries_told():
            yield
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError) as error:
        if wants_key(error):
            hints = [
                f"accept its terms at https://huggingface.co/{id}, if it has any",
                "then log in once: hf auth login (or set HF_TOKEN)",
                _first_line(error),
            ]
            raise ModelError(f"the hub gives {id!r} only to those who have a key for it", hints) from error
        if isinstance(error, RepositoryNotFoundError | RevisionNotFoundError):
            said = f"the hub has no model {id!r} at revision {revision or 'main'!r}"
            raise ModelError(said, [_first_line(error)]) from error
        hints = [_first_line(error), "offline? give a folder that holds the checkpoint as id"]
        raise ModelError(f"model {id!r} is not here and could not be downloaded", hints) from error


@contextmanager
def _without_retries_told() -> Iterator[None]:
    """The hub's library tells of every attempt, and all of them end in one error of ours; its bars stay."""
    before = hub_logging.get_verbosity()
    hub_logging.set_verbosity(logs.ERROR)
    try:
        yield
    finally:
        hub_logging.set_verbosity(before)


def wants_key(error: BaseException | None) -> bool:
    """Whether the hub refused somebody who is not logged in, or has not agreed to a model's terms."""
    if error is None:
        return False
    if isinstance(error, GatedRepoError):
        return True
    answer = getattr(error, "response", None)
    refused = getattr(answer, "status_code", None) in (401, 403)
    missing = isinstance(error, RepositoryNotFoundError)  # the hub answers 401 for a name that is nobody's, too
    return (refused and not missing) or wants_key(error.__cause__)


def read_configuration(folder: Path) -> Any:
    """The configuration of a checkpoint."""
    try:
        return AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # a broken configuration ends in any kind of exception
        raise ModelError(f"the configuration in {folder} cannot be read", [_first_line(error)]) from error


def empty_net(config: Any, n_labels: int) -> Readout:
    """A net of shapes without numbers."""
    with torch.device("meta"):
        decoder = AutoModel.from_config(
            config, trust_remote_code=False, dtype=torch.float32, attn_implementation=attention_of(config)
        )
        return Readout(decoder, n_labels)


def read_decoder(folder: Path) -> torch.nn.Module:
    """The decoder in 32-bit floats, from safetensors only."""
    if not any(folder.glob("*.safetensors")):
        held = sorted(
            path.name for path in folder.glob("*") if path.suffix in (".bin", ".pt", ".pth", ".ckpt", ".msgpack", ".h5")
        )
        found = f"it holds {', '.join(held)}, and such files can run code when opened" if held else "it holds no weights"
        raise ModelError(f"{folder} has no safetensors: {found}", _way_to_weights(folder))
    try:
        with quiet():
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


def _way_to_weights(folder: Path) -> list[str]:
    """Of the hub nothing pickled was asked for, so that whether it has any is not known here."""
    if pickled_weights(folder):
        return [f"this checkpoint has {OPTION}"]
    return [f"perhaps the hub has {OPTION}"] if COMMIT.fullmatch(folder.name) else []


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
def quiet() -> Iterator[None]:
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
