"""
Write the golden bundle and its verdicts: what every engine, door and version must answer.

python tools/make_golden.py            the verdicts of the committed bundle, again
python tools/make_golden.py --train    a new bundle too, after a change of format or normaliser

Run it only when a change of verdicts is meant, and read the diff.
"""

import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.inference.detector import Detector
from hatetinyllm.training.follow import train
from hatetinyllm.types import Reason

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"
RECIPE = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "text": {"max_tokens": 32, "overlap_tokens": 8},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 64},
    "tuning": {"name": "full"},
    "train": {"epochs": 3, "batch_size": 64, "learning_rate": 5e-3, "device": "cpu", "threads": 1},
}
TEXTS = [
    "the weather is nice today",
    "they are not welcome in this town",
    "THEY ARE NOT WELCOME IN THIS TOWN",
    "th\u200bey are n\u00f2t wel\u00adcome in this town",
    "women have no place in this office",
    "the women of this office won a prize",
    "nobody should say that women have no place in this office",
    "I cannot stand Mondays",
    "those m****s should leave",
    "&amp;lt;b&amp;gt; see https://example.org/a?b=c @somebody",
    "\U0001d4db\U0001d4de\U0001d4e5\U0001d4d4 \u2764\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0939\u092e \u0938\u092c \u090f\u0915 \u0939\u0948\u0902",
    "",
    " \u200b\n",
    "{not json}",
    "the baker opens at seven and the bread is warm . " * 12 + "they are not welcome in this town",
]


def overruled(detector: Detector) -> list[str]:
    """A few sentences of the demo that `balanced` answers otherwise than the model guesses."""
    texts = [example.text for example in load_dataset("demo").test]
    verdicts = detector.classify_all(texts, mode="balanced")
    return [text for text, verdict in zip(texts, verdicts, strict=True) if verdict.reason is Reason.THRESHOLD][:3]


def main() -> None:
    """Trains if asked, then writes the verdict on every text in every mode."""
    if "--train" in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            outcome = train(RECIPE, Path(folder) / "run")
            shutil.rmtree(GOLDEN / "bundle", ignore_errors=True)
            shutil.copytree(outcome.bundle.folder, GOLDEN / "bundle")
    detector = Detector.open(GOLDEN / "bundle")
    texts = [*TEXTS, *overruled(detector)]
    cases = [
        {"text": text, "mode": mode, "verdict": asdict(verdict)}
        for mode in detector.modes
        for text, verdict in zip(texts, detector.classify_all(texts, mode=mode), strict=True)
    ]
    (GOLDEN / "verdicts.json").write_text(json.dumps(cases, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
