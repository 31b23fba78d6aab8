"""
Fine-tune tiny decoder-only language models to detect hate speech.

The data's way, one folder a step:
data -> text -> models -> tuning -> training -> bundle -> inference -> evaluation
"""

from importlib import import_module
from typing import TYPE_CHECKING

from hatetinyllm.version import __version__ as __version__

if TYPE_CHECKING:
    from hatetinyllm.bundle import read_bundle as read_bundle
    from hatetinyllm.data import DATASETS as DATASETS
    from hatetinyllm.data.dataset import load_dataset as load_dataset
    from hatetinyllm.errors import HateTinyLLMError as HateTinyLLMError
    from hatetinyllm.evaluation.audit import audit as audit
    from hatetinyllm.evaluation.compare import compare as compare
    from hatetinyllm.evaluation.evaluate import evaluate as evaluate
    from hatetinyllm.evaluation.stored import read_judgement as read_judgement
    from hatetinyllm.inference.detector import Detector as Detector
    from hatetinyllm.models import MODELS as MODELS
    from hatetinyllm.studies.check import check_suite as check_suite
    from hatetinyllm.studies.judge import judge_bundle as judge_bundle
    from hatetinyllm.training.follow import train as train
    from hatetinyllm.tuning import TUNINGS as TUNINGS
    from hatetinyllm.types import Example as Example
    from hatetinyllm.types import Splits as Splits
    from hatetinyllm.types import Verdict as Verdict

_HOMES = {
    "DATASETS": "hatetinyllm.data:DATASETS",
    "Detector": "hatetinyllm.inference.detector:Detector",
    "Example": "hatetinyllm.types:Example",
    "HateTinyLLMError": "hatetinyllm.errors:HateTinyLLMError",
    "MODELS": "hatetinyllm.models:MODELS",
    "Splits": "hatetinyllm.types:Splits",
    "TUNINGS": "hatetinyllm.tuning:TUNINGS",
    "Verdict": "hatetinyllm.types:Verdict",
    "audit": "hatetinyllm.evaluation.audit:audit",
    "check_suite": "hatetinyllm.studies.check:check_suite",
    "compare": "hatetinyllm.evaluation.compare:compare",
    "evaluate": "hatetinyllm.evaluation.evaluate:evaluate",
    "judge_bundle": "hatetinyllm.studies.judge:judge_bundle",
    "load_dataset": "hatetinyllm.data.dataset:load_dataset",
    "read_bundle": "hatetinyllm.bundle:read_bundle",
    "read_judgement": "hatetinyllm.evaluation.stored:read_judgement",
    "train": "hatetinyllm.training.follow:train",
}  # public name -> where it lives; imported on first use
__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hatetinyllm' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
