"""The kinds of detectors that can be asked, by the word before the colon: `openai:URL`, `python:module:function`."""

from hatetinyllm.registry import Table

DETECTORS = Table(
    "detector",
    {
        "bundle": "hatetinyllm.inference.detectors.bundle:open_detector",
        "openai": "hatetinyllm.inference.detectors.openai:open_detector",
        "perspective": "hatetinyllm.inference.detectors.perspective:open_detector",
        "pipeline": "hatetinyllm.inference.detectors.pipeline:open_detector",
        "python": "hatetinyllm.inference.detectors.python:open_detector",
        "tei": "hatetinyllm.inference.detectors.tei:open_detector",
    },
)
