"""A linear readout of the last token, with random rows: the classification head that most papers train."""

from collections.abc import Sequence

from hatetinyllm.models.model import Model
from hatetinyllm.text.encode import Encoder
from hatetinyllm.types import Head


def apply(model: Model, heads: Sequence[Head], encoder: Encoder) -> Model:
    """The model as it was made: every model begins with such rows."""
    return model
