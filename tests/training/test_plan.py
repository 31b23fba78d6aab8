"""A plan says what following a recipe would come to, and reads and writes nothing for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.errors import HateTinyLLMError, ModelError
from hatetinyllm.machine import Machine
from hatetinyllm.models.model import load_model
from hatetinyllm.training.follow import check
from hatetinyllm.training.plan import CHARACTERS_PER_TOKEN, MEAN_TOKENS, Plan, plan
from hatetinyllm.tuning.tune import learning, tune

MACHINE = Machine(memory=1 << 35, cores=1)


def recipe_of(**sections: dict[str, Any]) -> Recipe:
    given = {
        "data": {"name": "demo"},
        "split": {"name": "official"},
        "text": {"max_tokens": 32, "overlap_tokens": 8},
        "model": {"name": "scratch", "layers": 1, "width": 32, "heads": 2},
        "tuning": {"name": "lora"},
        "train": {"device": "cpu", "threads": 1},
    }
    return check({**given, **{name: {**given.get(name, {}), **values} for name, values in sections.items()}}, to_read=False)


def planned(**sections: dict[str, Any]) -> Plan:
    return plan(recipe_of(**sections), MACHINE)


@pytest.mark.parametrize("tuning", ["lora", "full", "head", "dora", "ia3"])
def test_what_is_planned_to_learn_is_what_learns(tuning: str) -> None:
    recipe = recipe_of(tuning={"name": tuning})
    model = load_model(recipe["model"], 2)
    tuned = tune(model.net, recipe["tuning"])
    assert plan(recipe, MACHINE).counts.total == sum(parameter.numel() for parameter in learning(tuned.net).values())


def test_more_heads_are_more_rows_of_the_readout() -> None:
    assert planned().counts.readout == 2 * 32
    assert planned(heads={"heads": ["hate", "target"]}).counts.readout > 2 * 32


def test_a_batch_in_parts_is_rehearsed_in_parts() -> None:
    whole, parts = planned(train={"batch_size": 32}), planned(train={"batch_size": 32, "parts": 4})
    assert (whole.batch.texts, parts.batch.texts) == (32, 8)
    assert parts.memory.activations < whole.memory.activations


def test_a_budget_of_tokens_is_what_a_batch_has_at_most() -> None:
    found = planned(train={"batch_tokens": 640})
    assert found.batch.texts * found.batch.tokens == 640
    assert found.steps is not None
    assert found.steps.estimated
    assert found.duration is not None
    assert found.duration.steps == found.steps.number
    assert any("a batch of 640 tokens" in told for told in found.assumed)


def test_texts_are_planned_as_they_will_be_laid() -> None:
    packed, padded = planned(), planned(train={"layout": "padded"})
    assert (packed.layout, padded.layout) == ("packed", "padded")
    assert packed.memory.activations < padded.memory.activations
    assert any("proves that it may" in told for told in packed.assumed)
    assert not any("proves that it may" in told for told in padded.assumed)


def test_activations_that_are_worked_out_again_take_no_room(checkpoint: Callable[[str], Path]) -> None:
    model = {"layers": 4}
    assert planned(model=model, train={"recompute": True}).memory.activations < planned(model=model).memory.activations
    given = {
        "data": {"name": "demo"},
        "split": {"name": "official"},
        "text": {"max_tokens": 32, "overlap_tokens": 4},
        "model": {"name": "hub", "id": str(checkpoint("Llama"))},
        "tuning": {"name": "prefix"},
        "train": {"device": "cpu", "recompute": True},
    }
    with pytest.raises(HateTinyLLMError, match="recompute does not go with a prefix"):
        plan(check(given), MACHINE)


def test_blocks_that_do_not_learn_are_kept_on_disk_and_learn_nothing() -> None:
    found, whole = planned(model={"layers": 2}, train={"frozen_blocks": 1}), planned(model={"layers": 2})
    assert found.kept_bytes == round(found.rows.rows["train"] * found.mean_tokens) * 32 * 4
    assert whole.kept_bytes == 0
    assert found.counts.adapter == whole.counts.adapter / 2
    halved = planned(model={"layers": 2}, train={"frozen_blocks": 1, "precision": "bf16"})
    assert halved.kept_bytes == found.kept_bytes / 2
    assert planned(model={"layers": 2}, train={"frozen_blocks": 1, "layout": "padded"}).kept_bytes == 0
    with pytest.raises(ModelError, match="the model has 2 blocks"):
        planned(model={"layers": 2}, train={"frozen_blocks": 2})


def test_frozen_weights_in_16_bits_are_beside_their_own_numbers() -> None:
    whole, halved = planned(), planned(train={"precision": "bf16-frozen"})
    assert 1.3 < halved.memory.weights / whole.memory.weights < 1.5  # these were drawn in 32 bits: none would come back


def test_longer_texts_need_more_memory() -> None:
    assert planned(text={"max_tokens": 128}).memory.activations > 2 * planned().memory.activations


def test_texts_are_never_longer_than_a_window() -> None:
    assert planned(text={"max_tokens": 16, "overlap_tokens": 2}).mean_tokens == 16
    demo = planned(text={"max_tokens": 128})
    assert demo.rows.mean_characters is not None
    assert demo.mean_tokens == pytest.approx(demo.rows.mean_characters / CHARACTERS_PER_TOKEN)
    assert f"{CHARACTERS_PER_TOKEN} characters a token" in demo.assumed[0]


def test_a_dataset_that_is_not_here_is_planned_by_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatetinyllm.data.expected.load_dataset", lambda *given, **named: pytest.fail("read"))
    found = planned(data={"name": "dynahate"}, text={"max_tokens": 128})
    assert found.rows.rows["train"] == 32_924
    assert found.mean_tokens == MEAN_TOKENS
    assert found.duration is not None
    assert found.duration.steps == 3 * 4116


def test_no_consent_is_asked_to_plan() -> None:
    assert planned(data={"name": "hateval"}).duration is not None
    with pytest.raises(HateTinyLLMError, match="no commercial use"):
        check(
            {"data": {"name": "hateval"}, "split": {"name": "official"}, "model": {"name": "scratch"}, "tuning": {"name": "lora"}}
        )


def test_without_rows_there_is_no_time(tmp_path: Path) -> None:
    found = planned(data={"name": "table", "path": str(tmp_path / "gone.csv")})
    assert found.duration is None
    assert found.counts.total > 0
    assert "gone.csv" in found.assumed[-1]


def test_texts_that_do_not_fit_the_model_are_told(checkpoint: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="max_tokens is 600, the model reads at most 512"):
        planned(text={"max_tokens": 600})
    model = {"name": "hub", "id": str(checkpoint("Llama"))}
    given = {"data": {"name": "demo"}, "split": {"name": "official"}, "text": {"max_tokens": 60}, "model": model}
    with pytest.raises(ModelError, match="at most 64, and 20 of them are the tuning's"):
        plan(check({**given, "tuning": {"name": "prefix"}, "train": {"device": "cpu"}}), MACHINE)


@pytest.mark.parametrize(("kind", "bias"), [("Phi", 2), ("Llama", 0)])
def test_words_bring_the_bias_of_the_output_matrix(kind: str, bias: int, checkpoint: Callable[[str], Path]) -> None:
    prompt = "here: {text}\nwelcome:"
    given = {
        "data": {"name": "demo"},
        "split": {"name": "official"},
        "text": {"max_tokens": 32, "overlap_tokens": 4, "prompt": prompt},
        "model": {"name": "hub", "id": str(checkpoint(kind))},
        "readout": {"name": "label-words", "words": [" nobody", " all"], "learns": True},
        "tuning": {"name": "lora"},
        "train": {"device": "cpu", "threads": 1},
    }
    learnt = plan(check(given), MACHINE)
    assert learnt.counts.readout == 2 * 32 + bias
    assert f"{len(prompt.replace('{text}', '')) / CHARACTERS_PER_TOKEN:.0f} of the prompt" in learnt.assumed[0]
    given["readout"]["learns"] = False
    assert plan(check(given), MACHINE).counts.readout == 0


def test_four_bits_take_less_room(checkpoint: Callable[[str], Path]) -> None:
    model = {"name": "hub", "id": str(checkpoint("Mistral"))}
    given = {
        "data": {"name": "demo"},
        "split": {"name": "official"},
        "text": {"max_tokens": 32, "overlap_tokens": 4},
        "model": model,
    }
    thin, packed = (
        plan(check({**given, "tuning": {"name": name}, "train": {"device": "cpu", "precision": "bf16"}}), MACHINE)
        for name in ("lora", "qlora")
    )
    assert packed.counts.total == thin.counts.total
    assert packed.memory.weights < thin.memory.weights
    assert packed.memory.activations < thin.memory.activations  # no copies in 16 bits are kept
