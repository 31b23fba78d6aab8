"""A bundle of ours: its own thresholds decide, those of the mode that is asked for."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hatetinyllm.bundle import name_of
from hatetinyllm.inference.detector import Detector
from hatetinyllm.inference.detectors.answers import Answers, AnyDetector, Told
from hatetinyllm.policy import BEST_GUESS, band_of

CHUNK = 256  # texts between two tellings


def open_detector(place: str, *, mode: str = BEST_GUESS, base: str | None = None) -> AnyDetector:
    """The bundle of a folder, every digest checked; `base` says where an adapter's base lies if it was moved."""
    detector = Detector.open(place, base=base)
    band, head = band_of(mode, detector.bundle.manifest.bands), detector.heads[0]

    def ask(texts: Sequence[str], told: Told) -> Answers:
        return _answers(detector, mode, texts, told)

    return AnyDetector(
        kind="bundle",
        name=name_of(Path(place)),
        identity=detector.bundle.identity,
        asked=head.positive or head.labels[1],
        ask=ask,
        band=band,
        mode=mode,
        learnt_from=detector.bundle.manifest.data.name if detector.bundle.manifest.data else None,
        notes=() if head.name == "hate" else (f"its question is {head.name!r}, not hate",),
    )


def _answers(detector: Detector, mode: str, texts: Sequence[str], told: Told) -> Answers:
    scores, reasons = [], {}
    for start in range(0, len(texts), CHUNK):
        verdicts = detector.classify_all(texts[start : start + CHUNK], mode=mode)
        for place, verdict in enumerate(verdicts, start):
            scores.append(np.nan if verdict.score is None else verdict.score)
            if verdict.score is None:
                reasons[place] = str(verdict.reason)
        told(len(verdicts))
    return Answers(scores=np.array(scores, dtype=np.float64), reasons=reasons)
