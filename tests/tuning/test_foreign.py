"""PEFT's words for an adapter are said again in ours, or refused by name. Whole adapters are tried in training/test_adopt.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.models.hub import load
from hatetinyllm.tuning.foreign import Foreign, strange_layers, tuning_of, unsayable
from hatetinyllm.types import Choice

LORA = {"peft_type": "LORA", "task_type": "SEQ_CLS", "r": 2, "lora_alpha": 16, "lora_dropout": 0}
HEAD = {"base_model.model.score.weight": (2, 32)}


def lora(*layers: str, says: dict[str, Any] | None = None) -> Foreign:
    shapes = {f"base_model.model.{layer}.lora_A.weight": (2, 32) for layer in layers}
    return Foreign(says={**LORA, **(says or {})}, shapes={**HEAD, **shapes})


def ia3(outputs: list[str], inputs: list[str]) -> Foreign:
    shapes = {f"base_model.model.{layer}.ia3_l": (32, 1) for layer in outputs}
    shapes |= {f"base_model.model.{layer}.ia3_l": (1, 48) for layer in inputs}
    return Foreign(says={"peft_type": "IA3", "task_type": "SEQ_CLS"}, shapes={**HEAD, **shapes})


def keys(*blocks: int) -> list[str]:
    return [f"model.layers.{block}.self_attn.k_proj" for block in blocks]


def downs(*blocks: int) -> list[str]:
    return [f"model.layers.{block}.mlp.down_proj" for block in blocks]


def test_layers_are_named_by_their_ends_where_that_is_enough(checkpoint: Callable[[str], Path]) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net
    options = {"rank": 2, "alpha": 16, "dropout": 0.0}
    assert tuning_of(lora(*keys(0, 1)), net) == Choice(name="lora", options={**options, "layers": ("k_proj",)})
    assert tuning_of(lora(*keys(1)), net) == Choice(name="lora", options={**options, "layers": tuple(keys(1))})
    assert tuning_of(lora(*keys(0, 1), says={"use_dora": True}), net).name == "dora"
    found = tuning_of(ia3(keys(0, 1), downs(0, 1)), net)
    assert found == Choice(name="ia3", options={"layers": ("k_proj",), "feed_forward": ("down_proj",)})


def test_layers_the_net_does_not_have_are_found(checkpoint: Callable[[str], Path]) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net
    assert strange_layers(lora(*keys(0, 5), "model.embed_tokens"), net) == [*keys(5), "model.embed_tokens"]


def test_what_can_be_said_is_not_refused() -> None:
    usual = {"bias": "none", "alpha_pattern": {}, "use_rslora": False, "loftq_config": None, "of_tomorrow": None}
    assert unsayable(lora(*keys(0), says={**usual, "init_lora_weights": "gaussian", "modules_to_save": ["score"]})) == []
    assert unsayable(ia3(keys(0), downs(0))) == []


@pytest.mark.parametrize(
    ("foreign", "said"),
    [
        (lora(*keys(0), says={"peft_type": ["LORA"]}), "peft_type is ['LORA']"),
        (lora(*keys(0), says={"lora_dropout": "much"}), "lora_dropout is 'much': expected a number from 0 to 1"),
        (lora(*keys(0), says={"modules_to_save": "lm_head"}), "modules_to_save names lm_head"),
        (lora(*keys(0), says={"r": True}), "r is True: expected a whole number from 1 to 1,000,000"),
        (lora(*keys(0), says={"r": [2]}), "r is [2]: expected a whole number"),
        (lora(*keys(0), says={"r": {}}), "r is {}: expected a whole number"),
        (lora(*keys(0), says={"lora_alpha": 10**400}), "(401 characters): expected a whole number"),
        (lora(*keys(0), says={"modules_to_save": 5}), "modules_to_save is 5: expected a list of names"),
        (lora(*keys(0), says={"modules_to_save": True}), "modules_to_save is True: expected a list of names"),
        (lora(*keys(0), says={"revision": 5}), "revision is 5: expected text"),
        (lora(*keys(0), says={"revision": ["a"]}), "revision is ['a']: expected text"),
        (lora(*keys(0), says={"base_model_name_or_path": ["a"]}), "base_model_name_or_path is ['a']: expected text"),
        (lora(*keys(0), says={"of_tomorrow": [1]}), "of_tomorrow is [1]: tuning 'lora' cannot express it"),
        (lora(), "it holds no tuned layer"),
        (ia3(keys(0), []), "stretches some layers at their output and some at their input"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(foreign: Foreign, said: str) -> None:
    assert said in "\n".join(unsayable(foreign))


@pytest.mark.parametrize("name", ["score.weight", "model.layers.0.self_attn.k_proj.lora_A.weight"])
def test_a_weight_that_is_a_single_number_is_told(name: str) -> None:
    foreign = lora(*keys(0))
    broken = Foreign(says=foreign.says, shapes={**foreign.shapes, f"base_model.model.{name}": ()})
    assert unsayable(broken) == [f"base_model.model.{name} is a single number, and no weight of an adapter is"]
    assert "single number" in unsayable(Foreign(says=ia3([], []).says, shapes={**HEAD, "base_model.model.a.ia3_l": ()}))[-1]
