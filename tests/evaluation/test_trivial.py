"""The rows that read nothing have the figures that arithmetic gives them."""

import numpy as np
import pytest

from hatetinyllm.evaluation.trivial import always
from hatetinyllm.types import Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def test_both_rows_by_hand() -> None:
    every, none = always(np.array([1, 1, 1, 0, 0]), HATE, left_out=2)
    assert (every.name, none.name) == ("always hate", "always not_hate")
    assert every.metrics["accuracy"] == pytest.approx(3 / 5)
    assert every.metrics["f1_hate"] == pytest.approx(2 * 0.6 / 1.6)
    assert none.metrics["accuracy"] == pytest.approx(2 / 5)
    assert none.metrics["f1_hate"] == 0
    assert every.metrics["auroc"] == none.metrics["auroc"] == 0.5
    assert every.left_out == none.left_out == 2
    assert every.confusion["not_hate"] == {"not_hate": 0, "hate": 2}
