"""From log-odds to figures, worked out by hand."""

from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from tokenizers import Tokenizer

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.classification import macro_f1
from hatetinyllm.studies.cell import is_yardstick
from hatetinyllm.studies.readings import (
    NO_RESULT,
    Posts,
    Reading,
    Window,
    labelled_rows,
    read_posts,
    results_of,
    unparsed_share,
)
from hatetinyllm.text.prompt import PostSettings, PromptEncoder
from hatetinyllm.types import Example, Splits


def row(id: str, label: str | None, text: str = "a text") -> Example:
    return Example(text=text, id=id, labels={"hate": (label,)} if label else {})


def posts_of(*labels: str, counts: tuple[int, ...] | None = None) -> Posts:
    counts = counts or (1,) * len(labels)
    return Posts(
        examples=tuple(row(str(index), label) for index, label in enumerate(labels)),
        windows=tuple(
            Window(id=str(index), number=place, text="a") for index, count in enumerate(counts) for place in range(count)
        ),
        counts=counts,
        left_out=0,
    )


def reading(given: list[float], swapped: list[float] | None = None, **more: object) -> Reading:
    odds = {"given": np.array(given)} | ({} if swapped is None else {"swapped": np.array(swapped)})
    return Reading(prompt="plain", odds=odds, **{"prejudices": {}, **more})


def test_the_headline_is_the_mean_of_the_orders_and_stands_first() -> None:
    posts = posts_of("hate", "hate", "not_hate", "not_hate")
    asked = reading([1, -3, 2, -1], [1, 2, -1, -1], prejudices={"given": -1.4, "swapped": 0.0})
    results = results_of(posts, [asked])
    assert [result.name for result in results] == [
        "zero-shot plain",
        "zero-shot plain, calibrated",
        "zero-shot plain, order given",
        "zero-shot plain, order given, calibrated",
        "zero-shot plain, order swapped",
        "zero-shot plain, order swapped, calibrated",
        "ceiling of zero-shot plain, no result: threshold chosen on the test itself",
        "always hate",
        "always not_hate",
    ]
    assert [result.metrics["accuracy"] for result in results] == [0.5, 0.75, 0.5, 0.25, 1.0, 1.0, 0.75, 0.5, 0.5]
    assert {result.threshold for result in results if not result.name.startswith("ceiling")} == {0.5}


def test_a_template_without_orders_is_read_once() -> None:
    names = [result.name for result in results_of(posts_of("hate", "not_hate"), [reading([1, -1], shots=4)])]
    assert names == ["few-shot 4 plain", f"ceiling of few-shot 4 plain, {NO_RESULT}", "always hate", "always not_hate"]


def test_few_shot_is_called_after_the_prompt_it_shows_examples_to() -> None:
    asked = [reading([1, -1]), replace(reading([1, -1], shots=4), prompt="few-shot")]
    assert [result.name for result in results_of(posts_of("hate", "not_hate"), asked)][:2] == [
        "zero-shot plain",
        "few-shot 4 plain",
    ]


def test_whole_answers_are_a_reading_of_their_own() -> None:
    totals = {"given": np.array([-1.0, 3.0]), "swapped": np.array([-2.0, -1.0])}
    results = results_of(posts_of("hate", "not_hate"), [reading([1, -1], [1, -1], totals=totals)])
    found = {result.name: result for result in results}
    assert results[0].metrics["accuracy"] == 1
    assert found["zero-shot plain, total log-probability"].metrics["accuracy"] == 0
    assert sum("total log-probability" in name for name in found) == 1


@pytest.mark.parametrize("seed", range(20))
def test_the_ceiling_is_the_best_of_all_thresholds_and_a_yardstick(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, 2, 30) if seed else np.ones(30, dtype=int)  # at seed 0 one label alone
    odds = np.round(chance.normal(size=30) * 2, 0 if seed % 2 else 4)  # ties, or none
    posts = posts_of(*("hate" if value else "not_hate" for value in truth))
    results = results_of(posts, [reading([float(value) for value in odds])])
    (ceiling,) = (result for result in results if result.name.startswith("ceiling"))
    assert is_yardstick(ceiling)
    assert "no result" in ceiling.name
    if not seed:
        assert ceiling.metrics["macro_f1"] is None  # of one label there is none
        return
    scores = 0.5 * (1 + np.tanh(odds / 2))
    best = max(macro_f1(posts.truth, scores, threshold=float(level)) for level in {*scores})
    assert ceiling.metrics["macro_f1"] == pytest.approx(best)
    assert ceiling.metrics["macro_f1"] >= results[0].metrics["macro_f1"] - 1e-12


def test_the_highest_window_speaks_for_a_post() -> None:
    posts = posts_of("hate", "not_hate", counts=(3, 1))
    assert posts.long == 1
    first = results_of(posts, [reading([-5, 0.5, -5, -1])])[0]
    assert first.metrics["accuracy"] == 1
    assert first.rows == 2


def test_extreme_odds_overflow_nothing() -> None:
    first = results_of(posts_of("hate", "not_hate"), [reading([1e4, -1e4])])[0]
    assert first.metrics["auroc"] == 1


def test_an_answer_that_is_none_counts_as_wrong() -> None:
    posts = posts_of("hate", "not_hate", "hate", "not_hate", counts=(1, 1, 2, 2))
    asked = reading([0] * 6, said=(None, None, "not_hate", "hate", "not_hate", None))
    assert unparsed_share(posts, asked) == 0.75
    result = results_of(posts, [asked])[1]
    assert result.name == "zero-shot plain, generated, 75.0% unparsed count as wrong"
    assert result.confusion == {"not_hate": {"not_hate": 0, "hate": 2}, "hate": {"not_hate": 1, "hate": 1}}
    assert result.metrics["accuracy"] == 0.25
    assert result.metrics["auroc"] is None


@pytest.fixture(scope="module")
def encoder() -> PromptEncoder:
    tokenizer = Tokenizer.from_str(files("hatetinyllm.text").joinpath("tokenizer.json").read_text(encoding="utf-8"))
    return PromptEncoder(tokenizer, PostSettings(max_tokens=8, overlap_tokens=2))


def test_rows_without_a_label_or_a_text_are_left_out_and_counted(encoder: PromptEncoder) -> None:
    test = (row("1", "hate"), row("2", None), row("3", "hate", text=" "), row("4", "not_hate", text="a long one " * 9))
    posts = read_posts(Splits(name="mine", test=test), encoder)
    assert [example.id for example in posts.examples] == ["1", "4"]
    assert posts.left_out == 2
    assert posts.counts[0] == 1
    assert posts.counts[1] > 1
    assert [window.id for window in posts.windows] == ["1"] + ["4"] * posts.counts[1]
    assert posts.truth.tolist() == [1, 0]


def test_a_test_part_that_says_nothing_of_hate_is_refused(encoder: PromptEncoder) -> None:
    toxic = Example(text="a", id="1", labels={"toxicity": ("toxic",)})
    with pytest.raises(DataError, match="no row of the test part has a hate label"):
        labelled_rows(Splits(name="mine", test=(toxic,)))
    with pytest.raises(DataError, match="can be read"):
        read_posts(Splits(name="mine", test=(row("1", "hate", text=""),)), encoder)
