"""
The readout that a checkpoint was saved with: training goes on from its rows, in the place of fresh ones.

A bundle of ours names its heads; of any other folder the labels in its config.json are read as heads of our schemes. The heads
that are asked for may be some of them, in any order. A label that is new to a stored head begins from fresh numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from hatetinyllm.bundle import MANIFEST, read_bundle
from hatetinyllm.errors import ModelError
from hatetinyllm.labels import SCHEMES, Scheme
from hatetinyllm.models.local import read_shape
from hatetinyllm.models.model import Model
from hatetinyllm.text.encode import Encoder
from hatetinyllm.types import Head

WEIGHT, BIAS = "score.weight", "score.bias"
Places = Mapping[str, Mapping[str, int]]  # head -> label -> its row


def apply(model: Model, heads: Sequence[Head], encoder: Encoder) -> Model:
    """The model with the rows its checkpoint has for these heads; new labels are told of."""
    folder = model.folder
    if folder is None:
        raise ModelError("a model made from random numbers has no stored readout")
    weight, bias = _read(folder)
    there = _places(folder)
    if missing := [head.name for head in heads if head.name not in there]:
        raise ModelError(
            f"the readout in {folder} answers no {' and no '.join(missing)}", [f"it answers {', '.join(there) or 'nothing'}"]
        )
    fresh = model.net.score.weight.detach()
    rows = sum(len(labels) for labels in there.values())
    if weight.shape != (rows, fresh.shape[1]) or (bias is not None and bias.shape != (rows,)):
        told = f"{rows} labels are named, and its rows are {tuple(weight.shape)} for a width of {fresh.shape[1]}"
        raise ModelError(f"the readout in {folder} does not fit: {told}")
    places = [there[head.name].get(label) for head in heads for label in head.labels]
    taken = [fresh[row] if place is None else weight[place].to(fresh) for row, place in enumerate(places)]
    biases = None if bias is None else torch.stack([fresh.new_zeros(()) if p is None else bias[p].to(fresh) for p in places])
    model.net.take_rows(torch.stack(taken), biases)
    return replace(model, notes=(*model.notes, *_notes(heads, there)))


def _read(folder: Path) -> tuple[Tensor, Tensor | None]:
    """The rows and their biases, if there are any."""
    found: dict[str, Tensor] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="pt") as file:
                found |= {name: file.get_tensor(name) for name in file.keys() if name in (WEIGHT, BIAS)}  # noqa: SIM118 - no mapping
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} holds no readable weights: {error}") from error
    if WEIGHT not in found:
        hint = "readout 'head' begins from fresh numbers; a model tuned here and saved whole has a readout"
        raise ModelError(f"the checkpoint in {folder} has no readout ({WEIGHT})", [hint])
    return found[WEIGHT], found.get(BIAS)


def _places(folder: Path) -> Places:
    """The row of each label of each stored head."""
    if (folder / MANIFEST).is_file():
        heads = [(head.name, head.labels) for head in read_bundle(folder).manifest.heads]
    else:
        heads = list(_runs(_labels_of(folder), folder))
    found, first = {}, 0
    for name, labels in heads:
        found[name] = {label: first + place for place, label in enumerate(labels)}
        first += len(labels)
    return found


def _labels_of(folder: Path) -> list[str]:
    said = read_shape(folder).get("id2label", {})
    return [str(said[key]) for key in sorted(said, key=int)] if isinstance(said, dict) and all(map(str.isdigit, said)) else []


def _runs(labels: Sequence[str], folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Labels side by side as the heads they are of, each as long as it can be."""
    first = 0
    while first < len(labels):
        name, length = max(
            ((scheme.name, _length(labels[first:], scheme)) for scheme in SCHEMES.values()), key=lambda run: run[1]
        )
        if not length:
            hint = f"its labels are {', '.join(labels[:12])}"
            raise ModelError(
                f"the readout in {folder} answers nothing that is known here: no scheme has {labels[first]!r}", [hint]
            )
        yield name, tuple(labels[first : first + length])
        first += length


def _length(labels: Sequence[str], scheme: Scheme) -> int:
    """How many of the first labels are this scheme's, in its order; one of several labels needs all of them."""
    if not scheme.many:
        return len(scheme.labels) if tuple(labels[: len(scheme.labels)]) == scheme.labels else 0
    length, last = 0, -1
    for label in labels:
        place = scheme.labels.index(label) if label in scheme.labels else -1
        if place <= last:
            break
        length, last = length + 1, place
    return length


def _notes(heads: Sequence[Head], there: Places) -> Iterator[str]:
    for head in heads:
        if new := [label for label in head.labels if label not in there[head.name]]:
            yield f"readout stored: {head.name} had no row for {', '.join(new)}, which begin from fresh numbers"
