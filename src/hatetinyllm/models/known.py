"""
How every model with a card is read: from the user's own folder, else from the hub at the card's revision.

What stands on a card is said before anything is fetched: a download that fails, or that its licence or its pickles make a
question, ends in one message with the size, the licence, and the ways to bring a copy.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from hatetinyllm.data.licence import licence
from hatetinyllm.errors import ModelError
from hatetinyllm.models import hub
from hatetinyllm.models.card import ModelCard
from hatetinyllm.models.local import OWN, is_tiny, kept_folder, own_folder
from hatetinyllm.models.model import Model
from hatetinyllm.models.pickled import OPTION
from hatetinyllm.models.readout import Readout

STAND_IN_LICENCE = "apache-2.0"  # this project's own: no weight of the model is in its stand-in


def load_known(card: ModelCard, n_labels: int, *, path: str | None, revision: str | None, pickled: bool) -> Model:
    """The model of a card with a fresh readout."""
    own = check_known(card, path=path, revision=revision, pickled=pickled)
    source = str(own) if own else card.id
    folder, commit = _found(card, own, revision, pickled=pickled)
    _require_kind(card, folder)
    terms = STAND_IN_LICENCE if is_tiny(folder) else card.licence
    model = hub.read_model(folder, n_labels, source=source, revision=commit, licence=terms)
    return replace(model, notes=(*model.notes, *_notes(card, folder)))


def outline_known(
    card: ModelCard, n_labels: int, *, path: str | None = None, revision: str | None = None, pickled: bool = False
) -> Readout:
    """Its net on the meta device: of the user's own folder, else of the card's shape."""
    if own := _own(card, path):
        _require_shape(card, own)
        return hub.empty_net(hub.read_configuration(own), n_labels)
    return hub.empty_net(configuration(card), n_labels)


def check_known(card: ModelCard, *, path: str | None = None, revision: str | None = None, pickled: bool = False) -> Path | None:
    """Refuse what cannot be loaded, as far as this machine knows without reading weights; returns the user's own folder."""
    if own := _own(card, path):
        _require_shape(card, own)
        return own
    asked = revision or card.revision
    only_pickled = not card.safetensors and asked == card.revision
    if only_pickled and not pickled and not (asked and kept_folder(card.id, asked).is_dir()):
        raise ModelError(f"{card.name} has {OPTION}", list(_ways(card, asked)))
    return None


def configuration(card: ModelCard) -> Any:
    """The configuration that a card's shape stands for."""
    return AutoConfig.for_model(**deepcopy(dict(card.shape)))


def _own(card: ModelCard, path: str | None) -> Path | None:
    """The user's own folder: the one that was given, else the one in HATETINYLLM_MODELS."""
    if path is None:
        return own_folder(card.name)
    folder = hub.local_folder(path)
    if folder is None:
        raise ModelError(f"{card.name}: model.path is {path!r}, and that is no folder", ["leave it out to use the hub"])
    return folder


def _found(card: ModelCard, own: Path | None, revision: str | None, *, pickled: bool) -> tuple[Path, str | None]:
    """The folder of its checkpoint, and the commit where it is the hub's."""
    if own:
        return hub.find_checkpoint(str(own), None, pickled=pickled)
    asked = revision or card.revision
    try:
        return hub.find_checkpoint(card.id, asked, pickled=pickled)
    except ModelError as error:
        if error.__cause__ is None or hub.wants_key(error.__cause__):
            raise
        said = f"{card.name} is not on this machine and could not be downloaded"
        raise ModelError(said, [*_ways(card, asked), error.problems[0] if error.problems else error.message]) from error


def _ways(card: ModelCard, revision: str | None) -> Iterator[str]:
    """What would be downloaded, under which licence, and how to do without."""
    terms = licence(card.licence)
    yield f"the download: {card.id} at {(revision or 'its newest commit')[:12]}, {card.download_bytes / 1e9:.2f} GB"
    yield f"its licence: {terms.name}{'' if card.commercial else ', no commercial use'} ({terms.url})"
    if card.gated:
        yield f"it asks for a key: accept its terms at {card.page}, then hf auth login"
    yield f"have it already? --set model.path=FOLDER, or keep it as {card.name} in the folder that {OWN} names"


def _require_shape(card: ModelCard, own: Path) -> None:
    """A user's folder must hold what its name says: the card's shape in every value, or a stand-in that calls itself one."""
    _require_kind(card, own)
    if not is_tiny(own) and (other := list(_differences(card, own))):
        way = f"to read it as what it is: --set model.name=hub --set model.id={own}"
        raise ModelError(f"{own} is not the {card.name} of its card", [*other, way])


def _differences(card: ModelCard, folder: Path) -> Iterator[str]:
    """Each value of the card's shape that a folder has otherwise; older spellings count as what they mean."""
    found, meant = hub.read_configuration(folder), configuration(card)
    for key in card.shape:
        has, expected = getattr(found, key, None), getattr(meant, key, None)
        if isinstance(has, dict) and isinstance(expected, dict):  # a version of the library may add to it what it assumes
            has = {part: has.get(part) for part in expected}
        if has != expected:
            yield f"{key} {has}, the card says {expected}"


def _require_kind(card: ModelCard, folder: Path) -> None:
    """A folder must hold the architecture of the card."""
    path = folder / "config.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder} holds no checkpoint: its config.json cannot be read", [str(error)]) from error
    if found != card.shape["model_type"]:
        raise ModelError(f"{folder} holds a {found!r}, {card.name} is a {card.shape['model_type']!r}")


def _notes(card: ModelCard, folder: Path) -> Iterator[str]:
    if is_tiny(folder):
        yield f"{folder} is a tiny stand-in of random weights, not {card.name}"
    elif not card.commercial:
        terms = licence(card.licence)
        yield f"{card.name} is under the {terms.name}: no commercial use, and none of what is trained from it"
