"""The sections of a zero-shot recipe, and where the options of each are written. Imports no part: signatures are read."""

from hatetinyllm.config.recipe import Section
from hatetinyllm.data import DATASETS, SPLITS
from hatetinyllm.models import MODELS


def zero_shot_sections() -> dict[str, Section]:
    """Section -> its place, or its table of names and places; data, sample, split and model are those of training."""
    return {
        "data": DATASETS.places,
        "sample": "hatetinyllm.data.sample:sample",
        "split": SPLITS.places,
        "text": "hatetinyllm.text.prompt:PostSettings",
        "model": MODELS.places,
        "zero_shot": "hatetinyllm.studies.zero_shot:Asking",
    }
