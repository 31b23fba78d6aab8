"""A judgement is all that follows from one set of scores."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judge import Plan, judge
from hatetinyllm.evaluation.judgement import Judged, Judgement
from hatetinyllm.evaluation.terms import read_terms
from hatetinyllm.types import Band, Example, Head

JUDGED = Judged(name="made-up", part="test", how="official", digest="0", rows=120)


def corpus(count: int = 120) -> list[Example]:
    """Pairs of sentences that name women or jews; the one with `unwelcome` is hate."""
    found = []
    for row in range(count):
        people = "women" if row % 4 < 2 else "jews"
        word = "unwelcome" if row % 2 else "welcome"
        found.append(
            Example(
                text=f"all {people} are {word} here, says house {row // 2}",
                id=str(row),
                labels={"hate": ("hate" if row % 2 else "not_hate",)},
                partners=(str(row ^ 1),),
                round=str(row % 3),
            )
        )
    return found


def score(texts: Sequence[str]) -> NDArray[np.float64]:
    """Right but for a false alarm about jews in every fifth house."""
    return np.array([0.9 if "unwelcome" in text or ("jews" in text and text.endswith("5")) else 0.2 for text in texts])


def judged(hate: Head, **changes: object) -> Judgement:
    how = {
        "name": "mine", "identity": "sha256:0", "judged": JUDGED, "clusters": [row // 2 for row in range(120)], "kin": "pairs",
        "mode": "best-guess", "band": Band(low=0.5, high=0.5),
        "plan": Plan(draws=100, groups=read_terms(), terms="terms", needed=5),
    }  # fmt: skip
    return judge(score, corpus(), hate, **{**how, **changes})


def test_it_holds_every_part(hate) -> None:
    made = judged(hate, dev=corpus(40), baseline=lambda texts: np.full(len(texts), 0.4))
    assert [one.name for one in made.others] == ["always hate", "always not_hate", "TF-IDF"]
    assert [one.kind for one in made.contrasts] == ["flip"]
    assert [one.facet for one in made.slices] == ["round"] * 3
    assert [one.source for one in made.groups] == ["terms"]
    assert len(made.operating) == 5
    assert made.result.clusters == 60
    assert made.review is None
    assert made.rows is not None
    assert "house" not in repr(made)


def test_exchanging_people_shows_whom_it_hears(hate) -> None:
    made = judged(hate)
    assert made.swaps is not None
    assert made.swaps.flipped > 0
    assert made.swaps.by_group["women"].mean_rise == 0
    assert made.swaps.by_group["jews"].mean_rise > 0


def test_a_band_of_doubt_is_told(hate) -> None:
    made = judged(hate, band=Band(low=0.1, high=0.5))
    assert made.review is not None
    assert made.review.rows == int((made.rows.scores < 0.5).sum())
    assert "leaves to people" in made.judged.notes[-1]
    assert made.review.accuracy == pytest.approx(float((made.rows.truth[made.rows.scores >= 0.5] == 1).mean()))


def test_rows_that_were_refused_are_counted(hate) -> None:
    def shy(texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([np.nan if text.endswith("7") else 0.9 for text in texts])

    made = judge(
        shy, corpus(), hate, name="shy", identity="0", judged=JUDGED, clusters=range(120), kin="none", mode="best-guess",
        band=Band(low=0.5, high=0.5), plan=Plan(draws=100),
    )  # fmt: skip
    assert made.result.left_out == 12
    assert made.result.rows == 108
    assert made.refused is not None
    assert made.refused.rows == 12
    assert made.refused.accuracy == pytest.approx(made.result.metrics["accuracy"] * 108 / 120)
    assert "with these as wrong" in made.judged.notes[-1]


def test_nothing_to_judge_is_an_error(hate) -> None:
    with pytest.raises(DataError, match="has a hate label and a score"):
        judge(
            lambda texts: np.full(len(texts), np.nan), corpus(), hate, name="mute", identity="0", judged=JUDGED,
            clusters=range(120), kin="none", mode="best-guess", band=Band(low=0.5, high=0.5),
        )  # fmt: skip


def test_a_head_without_a_positive_label_cannot_be_judged() -> None:
    with pytest.raises(DataError, match="cannot be judged as yes or no"):
        judged(Head(name="tone", labels=("a", "b", "c")))


def test_the_same_seed_gives_the_same_judgement(hate) -> None:
    one, other = judged(hate), judged(hate)
    assert one.result == other.result
    assert one.swaps == other.swaps


def test_too_few_groups_of_kin_are_told_of(hate) -> None:
    made = judged(hate, clusters=[row // 40 for row in range(120)])
    assert "120 rows in 3 groups of kin are too few" in made.judged.notes[0]
    assert made.result.intervals == {}
    assert not any("too few" in note for note in judged(hate).judged.notes)
