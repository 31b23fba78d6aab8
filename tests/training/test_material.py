"""The rows of a recipe are read as it says, parted, asked and encoded; what is missing is told."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError
from hatetinyllm.text.encode import TextSettings, open_encoder
from hatetinyllm.training.follow import check
from hatetinyllm.training.material import ask, encode, read_splits
from hatetinyllm.types import Head, Splits

TOKENIZER = Path(str(files("hatetinyllm.text"))) / "tokenizer.json"


def recipe_of(**sections: Mapping[str, Any]) -> Recipe:
    given = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "scratch"}, "tuning": {"name": "lora"}}
    return check({**given, **sections})


def test_a_sample_is_read_as_the_recipe_says() -> None:
    splits = read_splits(recipe_of(sample={"train_rows": 20}))
    assert len(splits.train) == 20
    assert splits.test == load_dataset("demo").test


def test_all_parts_are_encoded_for_the_questions_asked(tmp_path: Path) -> None:
    recipe = recipe_of()
    splits = read_splits(recipe)
    heads = ask(splits, recipe)
    material = encode(splits, heads, open_encoder(TOKENIZER, TextSettings()), folder=tmp_path)
    assert [head.name for head in heads] == ["hate"]
    for part, rows in (("train", material.train), ("dev", material.dev), ("test", material.test)):
        assert rows.examples == splits.part(part)
        assert len(rows.windows) == len(rows)


def test_a_part_of_one_label_is_not_enough() -> None:
    demo = load_dataset("demo")
    one = tuple(example for example in demo.dev if example.label == "hate")
    with pytest.raises(DataError, match="not enough to train on") as caught:
        ask(Splits(name="demo", train=demo.train, dev=one), recipe_of())
    assert caught.value.problems[0] == f"dev: {len(one):,} rows, none of them not_hate"


def test_without_a_test_part_there_is_nothing_to_judge_and_no_error(tmp_path: Path) -> None:
    demo = load_dataset("demo")
    hate = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
    splits = Splits(name="demo", train=demo.train, dev=demo.dev)
    assert len(encode(splits, (hate,), open_encoder(TOKENIZER, TextSettings()), folder=tmp_path).test) == 0
    with pytest.raises(DataError, match="no row of train can be read"):
        encode(splits, (hate,), open_encoder(TOKENIZER, TextSettings(max_characters=1)), folder=tmp_path)
