"""Which of a stranger's labels means hate: the one that is named, or the only one that every source means so. Never a guess."""

from collections.abc import Sequence

from hatetinyllm.errors import DetectorError, did_you_mean
from hatetinyllm.labels import meant

SHOWN = 12


def positive_of(labels: Sequence[str], named: str | None, *, where: str) -> str:
    """The label whose score is taken."""
    if named is not None:
        if named not in labels:
            raise DetectorError(f"{where} has no label {named!r} ({did_you_mean(named, labels)})")
        return named
    found = [label for label in labels if meant("hate", label) == "hate"]
    if len(found) == 1:
        return found[0]
    has = ", ".join(repr(label) for label in labels[:SHOWN]) + (", ..." if len(labels) > SHOWN else "")
    problems = [f"its labels: {has}", "--positive LABEL (positive= in Python) says which one is hate"]
    several = f"{', '.join(map(repr, found))} all do" if found else "none does by its name"
    raise DetectorError(f"{where} does not say which of its labels means hate: {several}", problems)


def is_positive(label: str, named: str | None) -> bool | None:
    """Whether a label is the positive one; None where nobody says what it means."""
    if named is not None:
        return label == named
    ours = meant("hate", label)
    return None if ours is None else ours == "hate"
