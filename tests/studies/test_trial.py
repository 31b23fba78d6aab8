"""A trial is a plain value."""

from dataclasses import FrozenInstanceError

import pytest

from hatetinyllm.studies.trial import Trial


def test_a_trial_cannot_be_changed_behind_the_journals_back() -> None:
    trial = Trial(number=1, standing="running", values={"tuning.rank": 2})
    with pytest.raises(FrozenInstanceError):
        trial.score = 1.0  # type: ignore[misc]
