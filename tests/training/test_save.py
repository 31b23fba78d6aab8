"""What form a bundle takes, and what it says of the data."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForSequenceClassification

from hatetinyllm.errors import RecipeError, TrainingError
from hatetinyllm.models.hub import load as load_hub
from hatetinyllm.models.readout import logits_of
from hatetinyllm.models.scratch import load as load_scratch
from hatetinyllm.text.encode import Encoder, TextSettings
from hatetinyllm.training.save import Built, choose_form, put_files, record_of
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice, Example, Head, Splits


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


def test_a_language_that_no_text_can_be_told_from_is_refused_before_training() -> None:
    scratch = load_scratch(2, layers=1, width=32)
    tuned = tune(scratch.net, Choice(name="lora"))
    assert choose_form(scratch, tuned, languages=("en",)) == "standalone"
    with pytest.raises(RecipeError, match="languages names") as caught:
        choose_form(scratch, tuned, languages=("en", "english"))
    assert caught.value.problems == ("'english' (known: en)",)


@pytest.mark.parametrize("name", ["houlsby", "prefix"])
def test_what_cannot_be_merged_needs_a_base_with_a_home(checkpoint: Callable[[str], Path], name: str) -> None:
    hub, scratch = load_hub(2, id=str(checkpoint("Llama"))), load_scratch(2, layers=1, width=32)
    tuned = tune(hub.net, Choice(name=name))
    assert choose_form(hub, tuned) == "adapter"
    with pytest.raises(TrainingError, match="cannot hold all weights") as caught:
        choose_form(hub, tuned, form="standalone")
    assert tuned.cannot_merge in caught.value.problems[0]
    assert "set bundle.form to 'adapter'" in caught.value.problems[-1]
    with pytest.raises(TrainingError, match="cannot hold all weights") as caught:
        choose_form(scratch, tune(scratch.net, Choice(name=name)))
    assert "found nowhere" in caught.value.problems[1]
    assert "begin from a checkpoint" in caught.value.problems[-1]


HEADS = {
    2: (Head(name="hate", labels=("not_hate", "hate"), positive="hate"),),
    5: (
        Head(name="hate", labels=("not_hate", "hate"), positive="hate"),
        Head(name="aggression", labels=("none", "covert", "overt"), positive="overt"),
    ),
}


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("n_labels", HEADS)
@pytest.mark.parametrize("name", ["lora", "dora", "ia3", "prefix", "head"])
def test_the_labels_of_a_bundle_are_known_to_transformers_and_peft(
    checkpoint: Callable[[str], Path], tmp_path: Path, name: str, n_labels: int
) -> None:
    base = checkpoint("Mistral")
    model = load_hub(n_labels, id=str(base))
    tuned = tune(model.net, Choice(name=name))
    settings = TextSettings(max_tokens=32, overlap_tokens=8)
    built = Built(
        model=model, encoder=Encoder(model.tokenizer, settings), tuned=tuned, form="adapter" if tuned.adapter else "standalone"
    )
    labels = [label for head in HEADS[n_labels] for label in head.labels]
    put_files(tmp_path, built, labels)
    config = AutoConfig.from_pretrained(tmp_path)
    assert config.id2label == dict(enumerate(labels))
    if tuned.adapter:
        plain = PeftModel.from_pretrained(AutoModelForSequenceClassification.from_pretrained(base, config=config), tmp_path)
    else:
        plain = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    with torch.inference_mode():
        found = plain.eval()(input_ids=torch.tensor([[3, 4, 5]])).logits
    assert plain.config.id2label == dict(enumerate(labels))
    assert found == pytest.approx(logits_of(tuned.net, [[3, 4, 5]]), abs=1e-5)


def test_the_record_has_numbers_and_digests_and_no_text() -> None:
    row = Example(text="a secret text", id="1")
    splits = Splits(name="mine", train=(row,), files={"a.csv": "abc"}, licences=("own",), notes=("a note",))
    record = record_of(splits)
    assert record.rows == {"train": 1, "dev": 0, "test": 0}
    assert record.files == {"a.csv": "abc"}
    assert "secret" not in repr(record)
