"""
The onnx engine: the graph of an exported bundle in ONNX Runtime, on the CPU, without torch.

The graph reads the weights from the bundle's one file of them, the same that the torch engine reads.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hatetinyllm.bundle import GRAPH, Bundle
from hatetinyllm.errors import BundleError
from hatetinyllm.inference.graph import IDS, LENGTHS, LOGITS
from hatetinyllm.machine import this_machine
from hatetinyllm.models.batches import batches_by_length
from hatetinyllm.types import Whole

BATCH_TOKENS = 1024  # what stays near a core; more is slower
FATAL = 4  # the severity from which ONNX Runtime writes to the terminal; errors are told by us


class OnnxEngine:
    """A session of ONNX Runtime."""

    def __init__(self, folder: Path, *, n_labels: int, threads: int) -> None:
        self.folder, self.n_labels = folder, n_labels
        self._session = _opened(folder / GRAPH, threads)
        inputs, outputs = ({one.name for one in ends} for ends in (self._session.get_inputs(), self._session.get_outputs()))
        if (inputs, outputs) != ({IDS, LENGTHS}, {LOGITS}):
            problems = [f"it takes {_words(inputs)} and gives {_words(outputs)}", f"expected {IDS}, {LENGTHS} and {LOGITS}"]
            raise BundleError(f"{folder / GRAPH} is no graph of ours", problems)

    def logits(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """(windows, labels of all heads), in the order given."""
        found = np.empty((len(windows), self.n_labels))
        for batch in batches_by_length(map(len, windows), BATCH_TOKENS):
            found[batch] = self._answer([windows[place] for place in batch.tolist()])
        if not np.isfinite(found).all():
            raise BundleError("the weights of this bundle give no numbers: they are damaged, or were trained to nothing")
        return found

    def _answer(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        ids, lengths = padded(windows)
        try:
            (found,) = self._session.run([LOGITS], {IDS: ids, LENGTHS: lengths})
        except Exception as error:  # each kind of failure has a type of its own
            raise BundleError(f"{self.folder / GRAPH} cannot answer", [_first_line(error)]) from error
        if found.shape != (len(windows), self.n_labels):
            given, expected = tuple(found.shape), (len(windows), self.n_labels)
            raise BundleError(f"{self.folder / GRAPH} answers in the shape {given}, expected {expected}")
        logits: NDArray[np.float32] = found
        return logits


def open_engine(bundle: Bundle, *, base: Path | None = None, threads: Whole = 0) -> OnnxEngine:
    """The graph of an exported bundle; it stands on no base. No threads stand for as many as this process has cores."""
    if GRAPH not in bundle.files:
        way = f"write one that has it: hatetinyllm export {bundle.folder} --out FOLDER"
        raise BundleError(f"{bundle.folder} has no {GRAPH}, which the onnx engine opens", [way])
    n_labels = sum(len(head.labels) for head in bundle.manifest.heads)
    return OnnxEngine(bundle.folder, n_labels=n_labels, threads=threads or this_machine().cores)


def padded(windows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids of unequal length as one block, filled up on the right, and their lengths."""
    lengths = np.array([len(window) for window in windows], dtype=np.int64)
    ids = np.zeros((len(windows), int(lengths.max())), dtype=np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
    return ids, lengths


def _opened(path: Path, threads: int) -> onnxruntime.InferenceSession:
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = FATAL
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # each kind of failure has a type of its own
        raise BundleError(f"{path} is no graph that ONNX Runtime can open", [_first_line(error)]) from error


def _words(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
