"""The sections of a training recipe, and where the options of each are written. Imports no part: signatures are read."""

from hatetinyllm.config.recipe import Assumed, Section
from hatetinyllm.data import DATASETS, SPLITS
from hatetinyllm.models import MODELS, READOUTS
from hatetinyllm.tuning import TUNINGS


def sections() -> dict[str, Section]:
    """Section -> its place, or its table of names and places; plugins that were loaded are among them."""
    return {
        "data": DATASETS.places,
        "sample": "hatetinyllm.data.sample:sample",
        "split": SPLITS.places,
        "beside": "hatetinyllm.training.beside:join",
        "heads": "hatetinyllm.training.heads:choose_heads",
        "teacher": "hatetinyllm.training.teacher:consult",
        "text": "hatetinyllm.text.encode:TextSettings",
        "model": MODELS.places,
        "readout": Assumed(READOUTS.places, "head"),
        "tuning": TUNINGS.places,
        "train": "hatetinyllm.training.loop:learn",
        "bundle": "hatetinyllm.training.save:choose_form",
    }
