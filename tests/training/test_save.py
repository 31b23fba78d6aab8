"""What form a bundle takes, and what it says of the data."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.hub import load as load_hub
from hatetinyllm.models.scratch import load as load_scratch
from hatetinyllm.training.save import choose_form, record_of
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice, Example, Splits


def test_an_adapter_needs_an_adapter_and_a_base_with_a_home(checkpoint: Callable[[str], Path]) -> None:
    hub, scratch = load_hub(2, id=str(checkpoint("Llama"))), load_scratch(2, layers=1, width=32)
    assert choose_form(hub, tune(hub.net, Choice(name="lora"))) == "adapter"
    assert choose_form(scratch, tune(scratch.net, Choice(name="lora"))) == "standalone"
    again = load_hub(2, id=str(checkpoint("Llama")))
    full = tune(again.net, Choice(name="full"))
    assert choose_form(again, full) == "standalone"
    with pytest.raises(TrainingError, match="the tuning adds no adapter"):
        choose_form(again, full, form="adapter")
    with pytest.raises(TrainingError, match="made from random numbers"):
        choose_form(scratch, tune(load_scratch(2, layers=1, width=32).net, Choice(name="lora")), form="adapter")


def test_the_record_has_numbers_and_digests_and_no_text() -> None:
    row = Example(text="a secret text", id="1")
    splits = Splits(name="mine", train=(row,), files={"a.csv": "abc"}, licences=("own",), notes=("a note",))
    record = record_of(splits)
    assert record.rows == {"train": 1, "dev": 0, "test": 0}
    assert record.files == {"a.csv": "abc"}
    assert "secret" not in repr(record)
