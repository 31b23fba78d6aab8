"""Made-up rows with scores, for the tests of judging."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


@pytest.fixture
def hate() -> Head:
    return HATE


@pytest.fixture
def examples() -> Callable[..., list[Example]]:
    """Labelled sentences whose number is their id; every row differs from its neighbours."""

    def make(labels: Sequence[int], **own: Sequence[object]) -> list[Example]:
        return [
            Example(
                text=f"number {row} says nothing of anybody",
                id=str(row),
                labels={"hate": ("hate" if label else "not_hate",)},
                **{name: values[row] for name, values in own.items()},
            )
            for row, label in enumerate(labels)
        ]

    return make


@pytest.fixture
def noisy_rows() -> Callable[..., Rows]:
    """Rows whose scores follow the truth so far as `skill` says; kin stand in pairs."""

    def make(count: int = 200, *, skill: float = 1.0, seed: int = 0, partners: bool = False) -> Rows:
        generator = np.random.default_rng(seed)
        truth = np.tile([0, 1], count // 2)
        scores = 1 / (1 + np.exp(-(skill * (truth - 0.5) * 2 + generator.normal(size=count))))
        names = tuple(str(row) for row in range(count))
        return Rows(
            ids=names,
            truth=truth.astype(np.int64),
            scores=scores,
            clusters=np.arange(count) // 2,
            facets={"round": tuple((str(row % 3 + 1),) for row in range(count))},
            partners=tuple((str(row ^ 1),) for row in range(count)) if partners else (),
        )

    return make
