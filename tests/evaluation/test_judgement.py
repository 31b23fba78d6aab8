"""A judgement carries its figures and where they are from; its rows may be left out."""

from dataclasses import FrozenInstanceError

import pytest

from hatetinyllm.evaluation.judgement import Drawn, Judged, Judgement
from hatetinyllm.types import Band, Result

RESULT = Result(name="x", head="hate", positive="hate", rows=0, prevalence=0.5, threshold=0.5, metrics={}, confusion={})


def test_a_judgement_cannot_be_changed(hate) -> None:
    made = Judgement(
        name="mine",
        identity="sha256:0",
        head=hate,
        mode="best-guess",
        band=Band(low=0.5, high=0.5),
        judged=Judged(name="demo", part="test", how="official", digest="0", rows=0),
        drawn=Drawn(draws=1, seed=1, kin="none"),
        result=RESULT,
    )
    assert made.rows is None
    with pytest.raises(FrozenInstanceError):
        made.name = "another"  # type: ignore[misc]
