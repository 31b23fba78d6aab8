"""What a sweep tries is read from words, and every word that is wrong is told at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.errors import RecipeError
from hatetinyllm.studies.space import Choices, Span, applying, grid, laid_over, probes, read_over, read_space
from hatetinyllm.training.sections import sections

STATED: dict[str, Any] = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "model": {"name": "scratch"},
    "tuning": {"name": "lora", "rank": 2, "dropout": 0.2},
}
KNOWN = sections()


def read(**over: Any) -> Any:
    return read_space({place.replace("__", "."): values for place, values in over.items()}, STATED, KNOWN)


def problems(**over: Any) -> tuple[str, ...]:
    with pytest.raises(RecipeError) as told:
        read(**over)
    return told.value.problems


def test_numbers_far_apart_are_tried_by_their_orders_of_magnitude() -> None:
    assert read(train__learning_rate="1e-5..1e-3") == (Span(place="train.learning_rate", low=1e-5, high=1e-3, log=True),)
    assert read(train__learning_rate="1e-4..1e-3") == (Span(place="train.learning_rate", low=1e-4, high=1e-3),)
    assert not read(train__learning_rate="1e-5..1e-3 linear")[0].log
    assert read(train__learning_rate="1e-4..1e-3 log")[0].log


def test_whole_numbers_stay_whole() -> None:
    (span,) = read(tuning__rank="2..16")
    assert (span.whole, span.low, span.high) == (True, 2, 16)
    assert type(span.low) is int
    assert not read(train__weight_decay="0..1")[0].whole  # an option that takes any number is no whole one


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_a_stretch_reads_back_as_it_is_said(one: float, other: float) -> None:
    low, high = sorted(float(f"{end:g}") for end in (one, other))
    if low < high:
        (span,) = read(train__learning_rate=f"{low:g}..{high:g}")
        assert read(train__learning_rate=span.said) == (span,)


@pytest.mark.parametrize("values", ["2,4,8", [2, 4, 8], "2, 4 ,8"])
def test_choices_stand_between_commas_or_in_a_list(values: object) -> None:
    assert read(tuning__rank=values) == (Choices(place="tuning.rank", values=(2, 4, 8)),)


def test_choices_may_be_lists_words_or_truths() -> None:
    assert read(tuning__layers='["q_proj"],["q_proj", "v_proj"]')[0].values == (["q_proj"], ["q_proj", "v_proj"])
    assert read(tuning__name="lora,ia3")[0].values == ("lora", "ia3")
    assert read(train__recompute="true,false")[0].values == (True, False)
    assert read(text__prompt='"so ... {text}","{text}"')[0].values == ("so ... {text}", "{text}")


def test_a_table_in_a_table_is_read_as_toml_writes_it() -> None:
    assert read_space({"tuning": {"rank": [2, 4]}}, STATED, KNOWN) == read(tuning__rank="2,4")
    assert read_over(["tuning.rank=2,4", "train.epochs = 1..3"]) == {"tuning.rank": "2,4", "train.epochs": "1..3"}
    with pytest.raises(RecipeError, match="cannot be read"):
        read_over(["tuning.rank"])
    with pytest.raises(RecipeError, match=r"train\.epochs is named twice"):
        read_over(["train.epochs=1,2", "train.epochs=2,3"])


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = problems(
        train__lerning_rate="1..2",
        tran__epochs="1..2",
        tuning__name="lora,houlsbi",
        tuning__rank="2",
        train__epochs="3..1",
        train__batch_size="4.5..8",
        train__warmup_share="0..1 log",
        train__weight_decay="0..1 lin",
        text__prompt="1..2",
        epochs="1..2",
    )
    said = "\n".join(told)
    assert len(told) == 10
    for hint in (
        "'learning_rate'",
        "'train'",
        "'houlsby'",
        "no choice",
        "below the high",
        "whole numbers",
        "above 0",
        "'linear'",
    ):
        assert hint in said, hint


@pytest.mark.parametrize("place", ["data.name", "split.seed", "sample.rows", "heads.heads", "train.seed", "text.max_characters"])
def test_what_would_change_the_rows_or_is_luck_is_not_swept(place: str) -> None:
    with pytest.raises(RecipeError) as told:
        read_space({place: "1..2"}, STATED, KNOWN)
    assert "cannot be swept" in told.value.problems[0]


def test_an_option_goes_with_the_parts_that_have_it() -> None:
    space = read(tuning__rank="2,4", tuning__name="lora,ia3")
    assert [axis.place for axis in space] == ["tuning.name", "tuning.rank"]
    assert [axis.place for axis in applying(space, {"tuning.name": "lora"}, STATED, KNOWN)] == ["tuning.rank"]
    assert applying(space, {"tuning.name": "ia3"}, STATED, KNOWN) == []
    assert grid(space, STATED, KNOWN) == [
        {"tuning.name": "lora", "tuning.rank": 2},
        {"tuning.name": "lora", "tuning.rank": 4},
        {"tuning.name": "ia3"},
    ]


def test_what_is_stated_for_another_part_is_left_out() -> None:
    assert laid_over(STATED, {"tuning.name": "ia3"}, KNOWN)["tuning"] == {"name": "ia3"}
    assert laid_over(STATED, {"tuning.name": "lora", "tuning.rank": 8}, KNOWN)["tuning"] == {**STATED["tuning"], "rank": 8}
    assert STATED["tuning"]["rank"] == 2


def test_both_ends_of_everything_are_probed_with_every_part() -> None:
    space = read(tuning__name="lora,ia3", tuning__rank="2..8", train__learning_rate="1e-4..1e-2")
    tried = list(probes(space, STATED, KNOWN))
    assert {values.get("tuning.rank") for values in tried} == {2, 8, None}
    rates = {(values["tuning.name"], values["train.learning_rate"]) for values in tried}
    assert rates == {(name, rate) for name in ("lora", "ia3") for rate in (1e-4, 1e-2)}


def test_a_grid_over_a_stretch_of_any_numbers_is_refused() -> None:
    assert len(grid(read(train__epochs="1..3"), STATED, KNOWN)) == 3
    with pytest.raises(RecipeError) as told:
        grid(read(train__learning_rate="1e-4..1e-2"), STATED, KNOWN)
    assert "train.learning_rate=0.0001,0.01" in told.value.problems[0]
