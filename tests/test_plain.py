"""Plain JSON of our nouns."""

import json
import math
from pathlib import Path

from hatetinyllm.plain import plain, to_json
from hatetinyllm.types import Band, Reason


def test_nouns_become_objects_and_not_a_number_null() -> None:
    numbers = [math.nan, math.inf, (1.5, "ü")]
    value = {"band": Band(low=0.1, high=0.9), "list": numbers, "path": Path("a"), "reason": Reason.ABSTAIN}
    said = json.loads(to_json(value))
    assert said == {"band": {"low": 0.1, "high": 0.9}, "list": [None, None, [1.5, "ü"]], "path": "a", "reason": "abstain"}
    assert plain(3) == 3
