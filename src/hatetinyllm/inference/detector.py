"""
A bundle in use: texts in, verdicts out. Training is not needed here, nor is the network for a standalone bundle.

One text and many give the same verdicts, whatever stands beside a text: `classify` is `classify_all` of one.
"""

from collections.abc import Sequence
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.builtin.place import bundle_folder
from hatetinyllm.bundle import GRAPH, TOKENIZER, Bundle, read_bundle
from hatetinyllm.errors import BundleError, did_you_mean
from hatetinyllm.inference.engines import ENGINES
from hatetinyllm.policy import BEST_GUESS, band_of, judge, refuse
from hatetinyllm.scores import Numbers, follow_curve, join_windows, log_odds, probabilities
from hatetinyllm.text.encode import Encoder, TextSettings, open_encoder
from hatetinyllm.text.language import ENGLISH, looks_foreign
from hatetinyllm.types import Head, Reason, Verdict

AUTO = "auto"
LARGEST = 2**31 - 1  # of any text setting


class Engine(Protocol):
    """What turns windows of token ids into logits."""

    def logits(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """(windows, labels of all heads), in the order given."""
        ...


class Detector:
    """A bundle's encoder, engine and policy."""

    def __init__(self, bundle: Bundle, encoder: Encoder, engine: Engine) -> None:
        self.bundle = bundle
        self._encoder = encoder
        self._engine = engine

    @classmethod
    def open(cls, folder: str | Path, *, engine: str = AUTO, base: str | Path | None = None, threads: int = 0) -> "Detector":
        """
        Open a bundle, every digest checked; `builtin` is the one that came with the installation.

        `engine` auto is onnx for an exported bundle and torch for any other, `base` says where an adapter's base lies if it
        was moved, and 0 threads leave their number to the engine.
        """
        bundle = read_bundle(bundle_folder(folder))
        encoder = open_encoder(bundle.folder / TOKENIZER, text_settings(bundle))
        open_engine = ENGINES.get(engine_of(bundle) if engine == AUTO else engine)
        return cls(bundle, encoder, open_engine(bundle, base=Path(base) if base else None, threads=threads))

    @property
    def heads(self) -> tuple[Head, ...]:
        """What the bundle answers, the headline first."""
        return self.bundle.manifest.heads

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes the bundle has thresholds for."""
        return tuple(sorted(self.bundle.manifest.bands))

    def classify(self, text: str, *, mode: str = BEST_GUESS) -> Verdict:
        """The verdict on one text."""
        return self.classify_all([text], mode=mode)[0]

    def classify_all(self, texts: Sequence[object], *, mode: str = BEST_GUESS) -> list[Verdict]:
        """The verdicts on many texts, in their order; what cannot be read gets a verdict with the reason."""
        bands = self.bundle.manifest.bands
        band = band_of(mode, bands)
        refusals = [self._refusal(text) for text in texts]
        found, read = self._read([text for text, reason in zip(texts, refusals, strict=True) if reason is None])
        verdicts, row = [], 0
        for reason in refusals:
            if reason is None:
                own = {head.name: found[head.name][row] for head in self.heads}
                verdicts.append(judge(self.heads, own, mode, bands) if read[row] else refuse(Reason.EMPTY_TEXT, mode, band))
                row += 1
            else:
                verdicts.append(refuse(reason, mode, band))
        return verdicts

    def scores(self, texts: Sequence[str]) -> Numbers:
        """The headline's score of each text, NaN where there is nothing to read."""
        verdicts = self.classify_all(texts)
        return np.array([np.nan if verdict.score is None else verdict.score for verdict in verdicts])

    def log_odds(self, texts: Sequence[str], *, of: Head | None = None) -> Numbers:
        """What the net says of each text before any calibration: a head's logarithm of odds, NaN where it reads nothing."""
        found = np.full(len(texts), np.nan)
        given = [place for place, text in enumerate(texts) if self._refusal(text) is None]
        windows, counts = self._windows([texts[place] for place in given])
        if windows:
            found[given] = log_odds(self._engine.logits(windows), self.heads, counts, of=of)
        return found

    def _refusal(self, text: object) -> Reason | None:
        if not isinstance(text, str):
            return Reason.NOT_TEXT
        if len(text) > self._encoder.settings.max_characters:
            return Reason.TOO_LARGE
        return Reason.LANGUAGE if ENGLISH in self.bundle.manifest.languages and looks_foreign(text) else None

    def _read(self, texts: Sequence[object]) -> tuple[dict[str, Numbers], list[bool]]:
        """Probabilities of every head, one row a text, and which texts had anything to read."""
        windows, counts = self._windows(texts)
        if not windows:
            return {head.name: np.full((len(texts), len(head.labels)), np.nan) for head in self.heads}, [False] * len(texts)
        manifest = self.bundle.manifest
        by_window = probabilities(self._engine.logits(windows), self.heads, manifest.temperatures)
        joined = join_windows(by_window, self.heads, counts)
        curves = {self.heads[0].name: manifest.curve, **{name: record.curve for name, record in manifest.beside.items()}}
        for head in self.heads:
            if (curve := curves.get(head.name)) is not None:
                joined = follow_curve(joined, head, curve)
        return joined, [count > 0 for count in counts]

    def _windows(self, texts: Sequence[object]) -> tuple[list[Sequence[int]], list[int]]:
        """The windows of all texts, and how many each has."""
        encoded = self._encoder.encode_batch([str(text) for text in texts])
        return [window.ids for found in encoded for window in found.windows], [len(found.windows) for found in encoded]


def engine_of(bundle: Bundle) -> str:
    """The engine that opens a bundle soonest: onnx where it has a graph and ONNX Runtime is here."""
    return "onnx" if GRAPH in bundle.files and find_spec("onnxruntime") else "torch"


def text_settings(bundle: Bundle) -> TextSettings:
    """How a bundle reads texts; its manifest is a stranger's, so every value is checked."""
    known = {item.name: type(item.default) for item in fields(TextSettings)}
    problems = [f"{name!r} is missing" for name in known if name not in bundle.manifest.text]
    problems += [f"unknown key {name!r} ({did_you_mean(name, known)})" for name in bundle.manifest.text if name not in known]
    for name, value in bundle.manifest.text.items():
        kind = known.get(name, type(value))
        if type(value) is not kind or (isinstance(value, int) and abs(value) > LARGEST):
            told = "a text" if kind is str else "a whole number of ordinary size"
            problems.append(f"{name} must be {told}, got {str(value)[:40]}")
    if problems:
        raise BundleError(f"{bundle.folder}: the manifest's text settings cannot be read", problems)
    return TextSettings(**bundle.manifest.text)
