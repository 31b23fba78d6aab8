"""The torch engine: any architecture, either form of bundle, 32-bit floats, on a GPU where there is one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel

from hatetinyllm.builtin.place import BUILTIN, bundle_folder
from hatetinyllm.bundle import Bundle
from hatetinyllm.errors import BundleError, ModelError
from hatetinyllm.models.hub import attention_of, find_checkpoint, read_decoder, weights_digest
from hatetinyllm.models.readout import Readout, has_bias, logits_of
from hatetinyllm.models.weights import read_net, read_shapes, read_tensors
from hatetinyllm.tuning.tune import Tuned, adapter_tensors, fill_adapter, merged, tune
from hatetinyllm.types import Whole


class TorchEngine:
    """A net in evaluation mode."""

    def __init__(self, net: torch.nn.Module) -> None:
        self.net = net.eval().to("cuda" if torch.cuda.is_available() else "cpu")

    def logits(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """(windows, labels of all heads), in the order given."""
        found: NDArray[np.float64] = logits_of(self.net, windows).numpy().astype(np.float64)
        if not np.isfinite(found).all():
            raise BundleError("the weights of this bundle give no numbers: they are damaged, or were trained to nothing")
        return found


def open_engine(bundle: Bundle, *, base: Path | None = None, threads: Whole = 0) -> TorchEngine:
    """
    The net of a bundle. `base` says where an adapter's base lies, if it is no longer where the bundle says.

    Threads are torch's own, of the whole process; none stands for what it has.
    """
    if threads:
        torch.set_num_threads(threads)
    if bundle.manifest.form == "standalone":
        return TorchEngine(read_net(bundle.folder, _n_labels(bundle)))
    return TorchEngine(_adapted(bundle, base).net)


def whole_net(bundle: Bundle, *, base: Path | None = None) -> Readout:
    """The net of a bundle with its adapter, where it has one, folded into the weights."""
    if bundle.manifest.form == "standalone":
        return read_net(bundle.folder, _n_labels(bundle))
    net = merged(_adapted(bundle, base))
    assert isinstance(net, Readout), type(net)
    return net


def _n_labels(bundle: Bundle) -> int:
    return sum(len(head.labels) for head in bundle.manifest.heads)


def _adapted(bundle: Bundle, base: Path | None) -> Tuned:
    """The named base, proved by its digest, with the bundle's adapter on it."""
    decoder, n_labels = read_decoder(_found_base(bundle, base)), _n_labels(bundle)
    how, held = attention_of(decoder.config), read_shapes(bundle.weights)
    bias = has_bias(held)
    with torch.device("meta"):  # first on shapes alone: a stranger's options could ask for any amount of memory
        tried = _tuned(bundle, Readout(AutoModel.from_config(decoder.config, attn_implementation=how), n_labels, bias=bias))
        assert tried.adapter is not None
        own = {name: tuple(tensor.shape) for name, tensor in adapter_tensors(tried.adapter).items()}
    if misfits := list(_misfits(own, held)):
        raise BundleError(f"the adapter in {bundle.folder} does not fit its base and its tuning", misfits[:20])
    tuned = _tuned(bundle, Readout(decoder, n_labels, bias=bias))
    assert tuned.adapter is not None
    fill_adapter(tuned.adapter, read_tensors(bundle.weights), where=bundle.folder)
    return tuned


def _found_base(bundle: Bundle, moved: Path | None) -> Path:
    """
    Its base on this machine, proved by its digest.

    Where the base has only pickled weights, and the bundle was made by somebody who allowed reading them (`pickled = true`
    among its model's options), the safetensors copy is made here if it is missing: no code is run by that, and the copy
    has the same bytes everywhere. A bundle that does not say so is refused, with the line that makes the copy.
    """
    stated = bundle.manifest.base
    assert stated is not None, "an adapter bundle names its base"
    if moved is None and stated.source == BUILTIN:
        moved = bundle_folder(BUILTIN)
    source, revision = (str(moved), None) if moved else (stated.source, stated.revision)
    allowed = bundle.manifest.model.options.get("pickled") is True
    try:
        folder, _ = find_checkpoint(source, revision, pickled=allowed)
    except ModelError as error:
        hint = "was it moved? --base FOLDER (base= in Python) says where it lies now"
        raise ModelError(f"the base of {bundle.folder}: {error.message}", [*error.problems, hint]) from error
    if not any(folder.glob("*.safetensors")):
        copying = f"from hatetinyllm.models.hub import find_checkpoint as find; find({source!r}, {revision!r}, pickled=True)"
        ways = [
            "if its weights are only pickled, this line reads them once without running code and keeps a safetensors copy:",
            f"python -c {quote(copying)}",
        ]
        raise BundleError(f"the base of {bundle.folder} has no safetensors here: {folder}", [] if allowed else ways)
    if (found := weights_digest(folder)) != stated.sha256:
        raise BundleError(f"{folder} is not the base of {bundle.folder}", [f"sha256 {found}", f"expected {stated.sha256}"])
    return folder


def _tuned(bundle: Bundle, net: Readout) -> Tuned:
    """The tuning a bundle names, on a net; its options are a stranger's and may not fit the function."""
    try:
        tuned = tune(net, bundle.manifest.tuning)
    except Exception as error:
        raise BundleError(f"{bundle.folder}: the tuning it names cannot be made again: {error}") from error
    if tuned.adapter is None:
        raise BundleError(f"{bundle.folder}: tuning {bundle.manifest.tuning.name!r} adds no adapter, but the bundle holds one")
    return tuned


def _misfits(own: Mapping[str, tuple[int, ...]], held: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    for name in [*own, *(name for name in held if name not in own)]:
        if own.get(name) != held.get(name):
            yield f"{name}: {held.get(name, 'missing')} in the bundle, {own.get(name, 'nothing')} by its tuning"
