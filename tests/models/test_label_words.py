"""Label words give the language model's own logits before any training, under every tuning, and come back from disk."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from hatetinyllm.errors import HateTinyLLMError, ModelError, RecipeError
from hatetinyllm.models import hub, scratch
from hatetinyllm.models.label_words import wrong_words
from hatetinyllm.models.model import Model, with_readout
from hatetinyllm.models.readout import Readout, has_bias, logits_of
from hatetinyllm.models.weights import read_net, read_tensors, write_net, write_shape
from hatetinyllm.text.encode import Encoder, TextSettings
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import Tuned, fill_adapter, freeze_readout, learning, merged, tune, write_adapter
from hatetinyllm.types import Choice, Head

Speaker = Callable[..., Path]
HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
TARGET = Head(name="target", labels=("women", "other"), many=True)
PROMPT = 'Is this post hate speech?\nPost: "{text}"\nAnswer:'
WORDS = (" No", " Yes")
TEXTS = ["they are welcome", "nobody likes the weather", "x"]
KINDS = ["Llama", "Mistral", "OPT", "Phi"]
NAMES = [name for name in TUNINGS if name != "qlora"]  # its base is one of 4 bits, and needs the extra gpu
OPTIONS = {"prefix": {"tokens": 5}}


def read(model: Model, prompt: str = PROMPT) -> Encoder:
    return Encoder(model.tokenizer, TextSettings(prompt=prompt, max_tokens=128))


def answering(folder: Path, *, heads: tuple[Head, ...] = (HATE,), prompt: str = PROMPT, **options: object) -> Model:
    torch.manual_seed(0)
    model = hub.load(sum(len(head.labels) for head in heads), id=str(folder))
    chosen = Choice(name="label-words", options={"words": WORDS, "learns": False, **options})
    return with_readout(model, heads, read(model, prompt), chosen)


def windows_of(model: Model) -> list[tuple[int, ...]]:
    return [found.windows[0].ids for found in read(model).encode_batch(TEXTS)]


@torch.inference_mode()
@pytest.mark.parametrize("kind", [*KINDS, "GPTNeoX", "GPT2"])
@pytest.mark.parametrize("words", [WORDS, (" not", " hate"), (" Yes", " No")])
def test_the_logits_are_the_language_models_own(speaker: Speaker, kind: str, words: tuple[str, str]) -> None:
    model = answering(speaker(kind), words=words)
    theirs = AutoModelForCausalLM.from_pretrained(speaker(kind)).eval()
    ids = [model.tokenizer.encode(word, add_special_tokens=False).ids[0] for word in words]
    said = torch.stack([theirs(input_ids=torch.tensor([window])).logits[0, -1, ids] for window in windows_of(model)])
    found = logits_of(model.net, windows_of(model))
    assert found == pytest.approx(said, abs=1e-5)
    assert found.diff(dim=1) == pytest.approx(said.diff(dim=1), abs=1e-5)
    assert said.diff(dim=1).std() > 0.01, "the posts must get answers that differ"


def tuned_on(model: Model, name: str) -> Tuned:
    tuned = tune(model.net, Choice(name=name, options=OPTIONS.get(name, {})))
    if not model.readout_learns:
        freeze_readout(tuned.net)
    return tuned


def shaken(tuned: Tuned) -> Tuned:
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return tuned


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_to_learn_learns(speaker: Speaker, kind: str, name: str) -> None:
    frozen = set(learning(tuned_on(answering(speaker(kind)), name).net))
    assert not [weight for weight in frozen if weight.startswith("score")]
    assert bool(frozen) == (name != "head")
    more = set(learning(tuned_on(answering(speaker(kind), learns=True), name).net)) - frozen
    assert {weight.rpartition(".")[2] for weight in more} == ({"weight", "bias"} if kind == "Phi" else {"weight"})
    assert all(weight.startswith("score") for weight in more)


@pytest.mark.parametrize("learns", [False, True])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_tuned_comes_back_from_disk(speaker: Speaker, kind: str, name: str, learns: bool, tmp_path: Path) -> None:
    model = answering(speaker(kind), learns=learns)
    begun = logits_of(model.net, windows_of(model))
    tuned = shaken(tuned_on(model, name))
    logits = logits_of(tuned.net, windows_of(model))
    assert learns or name == "head" or not torch.allclose(logits, begun, atol=1e-3)
    if tuned.adapter is not None:
        write_adapter(tuned.adapter, tmp_path, base="x", revision=None)
        saved = read_tensors(tmp_path / "adapter_model.safetensors")
        assert has_bias(saved) == (kind == "Phi")
        plain = Readout(hub.read_decoder(speaker(kind)), 2, bias=has_bias(saved))
        again = tune(plain, Choice(name=name, options=OPTIONS.get(name, {})))
        fill_adapter(again.adapter, saved, where=tmp_path)
        assert torch.equal(logits_of(again.net, windows_of(model)), logits)
    if not tuned.cannot_merge:
        whole = merged(tuned)
        write_shape(whole, tmp_path, HATE.labels)
        write_net(whole, tmp_path)
        assert logits_of(read_net(tmp_path, 2), windows_of(model)) == pytest.approx(logits, abs=1e-4)


def test_words_that_begin_alike_are_told_with_their_tokens(speaker: Speaker) -> None:
    with pytest.raises(RecipeError, match="not told apart by their first tokens") as caught:
        answering(speaker("Llama"), words=(" not hate", " not"))
    assert caught.value.problems == ("' not hate' begins with the token 'Ġnot'", "' not' begins with the token 'Ġnot'")


def test_a_space_belongs_to_the_word(speaker: Speaker) -> None:
    assert not torch.equal(
        answering(speaker("Llama")).net.score.weight, answering(speaker("Llama"), words=("No", "Yes")).net.score.weight
    )
    with pytest.raises(RecipeError, match="not read one after the other"):
        answering(speaker("Llama"), prompt="{text}\nAnswer: ", words=("No", "Yes"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"words": ()}, "readout.words holds 0, and there are 2 labels"),
        ({"words": (" a", " b", " c")}, "readout.words holds 3, and there are 2 labels"),
        ({"words": (" a", " a")}, "readout.words holds ' a' 2 times"),
        ({"prompt": ""}, "text.prompt is empty"),
        ({"heads": (HATE, TARGET)}, "heads.heads names 2"),
    ],
)
def test_what_cannot_be_answered_by_words_is_told(speaker: Speaker, changes: dict[str, object], said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        answering(speaker("Llama"), **changes)
    assert [problem for problem in caught.value.problems if said in problem]


def test_all_that_the_recipe_tells_is_told_at_once() -> None:
    assert len(wrong_words((), prompt="", heads=2, labels=2)) == 3
    assert wrong_words((" ", " Yes"), prompt=PROMPT, heads=1, labels=2) == ["readout.words holds ' ', which says nothing"]
    assert wrong_words(WORDS, prompt=PROMPT, heads=1, labels=2) == wrong_words(WORDS, prompt=PROMPT, heads=0, labels=2) == []


def test_random_numbers_have_no_words() -> None:
    model = scratch.load(2, layers=1, width=32, heads=2)
    with pytest.raises(ModelError, match="cannot answer by words") as caught:
        with_readout(model, [HATE], read(model), Choice(name="label-words", options={"words": WORDS}))
    assert isinstance(caught.value, HateTinyLLMError)
