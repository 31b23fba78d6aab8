"""The sections of a pretraining recipe, and where the options of each are written. Imports no part: signatures are read."""

from hatetinyllm.config.recipe import Section
from hatetinyllm.models import MODELS


def sections() -> dict[str, Section]:
    """Section -> its place, or its table of names and places; plugins that were loaded are among them."""
    return {
        "corpus": "hatetinyllm.data.corpus.choose:choose_corpus",
        "vocabulary": "hatetinyllm.pretraining.vocabulary:settings",
        "model": MODELS.places,
        "pretrain": "hatetinyllm.pretraining.loop:learn",
    }
