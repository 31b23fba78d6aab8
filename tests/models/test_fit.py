"""The rule of memory grows with the model, and asks the card before the memory."""

from collections.abc import Callable

from hatetinyllm.machine import Gpu, Machine
from hatetinyllm.models.card import ModelCard, cards
from hatetinyllm.models.fit import learning_bytes, place_for, scoring_bytes


def test_a_model_needs_its_weights_and_more_to_learn_than_to_score() -> None:
    for card in cards():
        assert 4 * card.parameters < scoring_bytes(card) < learning_bytes(card)


def test_the_rule_covers_what_was_measured(card: Callable[[str], ModelCard]) -> None:
    """Peak memory of a process on a CPU: scoring 64 texts of 128 tokens, and LoRA on 8 of them, in bytes."""
    measured = {
        "smollm2-135m": (1_230_785_024, 4_793_561_088),
        "pythia-160m": (1_469_927_936, 2_874_019_840),
        "opt-125m": (1_542_660_096, 3_131_678_720),
        "gemma-3-270m": (1_903_030_272, 4_419_764_224),
        "pythia-410m": (2_330_443_776, 7_592_685_568),
        "qwen3-0.6b": (3_258_417_152, 11_500_998_656),
    }
    for name, (scoring, learning) in measured.items():
        assert scoring < scoring_bytes(card(name)) < 2 * scoring
        assert learning < learning_bytes(card(name)) < 1.6 * learning


def test_the_card_is_asked_first() -> None:
    machine = Machine(memory=20, cores=1, gpus=(Gpu(name="a", memory=10),))
    assert [place_for(needed, machine) for needed in (10, 15, 21)] == ["gpu", "cpu", "no"]
    assert place_for(10, Machine(memory=20, cores=1)) == "cpu"
