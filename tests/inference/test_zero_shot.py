"""Label log-likelihoods are those of Transformers' own causal language model, however the posts are put together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from hatetinyllm.errors import ModelError
from hatetinyllm.inference.zero_shot import Asker
from hatetinyllm.models import hub
from hatetinyllm.text.prompt import PROMPTS, PostSettings, Prompt, Shot, with_shots

KINDS = {"Llama": {}, "Phi": {}, "OPT": {}, "Mistral": {}, "GPTNeoX": {}}
POSTS = (
    "the weather is lovely",
    "no",
    "they are all welcome here, and everybody said so at the meeting in the town hall on Sunday",
    "nobody likes rain",
    "{text} <s>",
)
SHOTS = (Shot(id="1", text="they should all leave", positive=True), Shot(id="2", text="what a goal", positive=False))
TOGETHER = Prompt(  # answers that begin with the same token, as many for both
    name="together", template="Post: {text}\nAnswer:", positive=" not hate", negative=" not respectful people"
)
CASES = [
    *((prompt, swapped) for prompt in PROMPTS.values() for swapped in prompt.orders),
    (with_shots(PROMPTS["plain"], SHOTS), True),
    (with_shots(PROMPTS["definition"], SHOTS), False),
    (TOGETHER, False),
]


def asker_of(folder: Path, **options: object) -> Asker:
    return Asker(hub.load(2, id=str(folder)), PostSettings(), device="cpu", **options)


class Oracle:
    """The plain way, by nothing of ours: a full sequence for each answer, all logits, all probabilities."""

    def __init__(self, folder: Path) -> None:
        self.net = AutoModelForCausalLM.from_pretrained(folder).eval()
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.encode_special_tokens = True

    def answers(self, prompt: Prompt, post: str, swapped: bool) -> tuple[list[int], list[int], list[int]]:
        asked = prompt.filled(post, swapped=swapped)
        ids = self.tokenizer.encode(asked).ids
        return ids, *(self.tokenizer.encode(asked + answer).ids[len(ids) :] for answer in (prompt.positive, prompt.negative))

    def log_odds(self, prompt: Prompt, post: str, swapped: bool) -> float:
        ids, *answers = self.answers(prompt, post, swapped)
        sums = [self._sum(ids, answer) for answer in answers]
        if len(answers[0]) != len(answers[1]):
            sums = [total / len(answer) for total, answer in zip(sums, answers, strict=True)]
        return sums[0] - sums[1]

    @torch.inference_mode()
    def _sum(self, ids: Sequence[int], answer: Sequence[int]) -> float:
        logs = self.net(input_ids=torch.tensor([[*ids, *answer]]), use_cache=False).logits[0].double().log_softmax(-1)
        return float(sum(logs[len(ids) - 1 + place, token] for place, token in enumerate(answer)))

    @torch.inference_mode()
    def left_padded(self, prompt: Prompt, swapped: bool) -> list[float]:
        """Transformers' own way with a batch, for answers of one token."""
        rows = [self.answers(prompt, post, swapped) for post in POSTS]
        width = max(len(ids) for ids, _, _ in rows)
        ids = torch.tensor([[0] * (width - len(ids)) + ids for ids, _, _ in rows])
        mask = torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids, _, _ in rows])
        places = (mask.cumsum(-1) - 1).clamp(min=0)
        logits = self.net(input_ids=ids, attention_mask=mask, position_ids=places, use_cache=False).logits[:, -1]
        return [float(logits[row, yes[0]] - logits[row, no[0]]) for row, (_, yes, no) in enumerate(rows)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_are_transformers_own(speaker: Callable[..., Path], kind: str) -> None:
    asker, oracle = asker_of(speaker(kind)), Oracle(speaker(kind))
    for prompt, swapped in CASES:
        found = asker.ask(prompt, POSTS, swapped=swapped)
        expected = [oracle.log_odds(prompt, post, swapped) for post in POSTS]
        assert np.ptp(expected) > 1e-2, "the posts must make a difference, or this shows nothing"
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5, err_msg=f"{prompt.name} {swapped}")


@pytest.mark.parametrize("window", [5, 12, 40])
def test_a_sliding_window_shorter_than_the_prompt_is_kept_to(speaker: Callable[..., Path], window: int) -> None:
    folder = speaker("Mistral", sliding_window=window)
    asker, oracle = asker_of(folder), Oracle(folder)
    for prompt, swapped in CASES:
        expected = [oracle.log_odds(prompt, post, swapped) for post in POSTS]
        np.testing.assert_allclose(asker.ask(prompt, POSTS, swapped=swapped), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_left_padding_with_a_mask_says_the_same(speaker: Callable[..., Path], kind: str) -> None:
    asker, oracle = asker_of(speaker(kind)), Oracle(speaker(kind))
    for swapped in (False, True):
        expected = oracle.left_padded(PROMPTS["plain"], swapped)
        np.testing.assert_allclose(asker.ask(PROMPTS["plain"], POSTS, swapped=swapped), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_alone_is_in_a_batch_is_in_small_batches(speaker: Callable[..., Path], kind: str) -> None:
    asker = asker_of(speaker(kind))
    few = asker_of(speaker(kind), batch_tokens=1)
    for prompt, swapped in CASES:
        together = asker.ask(prompt, POSTS, swapped=swapped)
        alone = [asker.ask(prompt, [post], swapped=swapped)[0] for post in POSTS]
        np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5)
        np.testing.assert_allclose(together, few.ask(prompt, POSTS, swapped=swapped), rtol=0, atol=1e-5)


def test_the_beginning_is_shared_and_batches_keep_to_their_size(speaker: Callable[..., Path]) -> None:
    asker = asker_of(speaker("Llama"), batch_tokens=40)
    question = asker.question(PROMPTS["definition"], POSTS)
    bare = len(asker.encoder.ids([PROMPTS["definition"].filled("")])[0])
    assert bare - 10 < question.shared < bare
    assert sorted(row for batch in question.batches for row in batch) == list(range(len(POSTS)))
    assert len(question.batches) > 1
    for batch in question.batches:
        assert len(batch) == 1 or len(batch) * max(len(question.tails[row]) for row in batch) <= 40
    assert not asker.ask(PROMPTS["plain"], []).size


def test_what_is_compared_is_said(speaker: Callable[..., Path]) -> None:
    asker = asker_of(speaker("Llama"))
    measures = {name: asker.question(prompt, POSTS).measure for name, prompt in PROMPTS.items()}
    assert measures == {
        "plain": "logits of one token each",
        "definition": "log-probability per token (1 and 2 tokens)",
        "verbalizer": "log-probability per token (3 and 2 tokens)",
        "instruction": "log-probability per token (1 and 4 tokens)",
    }


def test_prejudice_is_the_mean_of_posts_that_say_nothing(speaker: Callable[..., Path]) -> None:
    asker, oracle = asker_of(speaker("OPT")), Oracle(speaker("OPT"))
    expected = (oracle.log_odds(PROMPTS["plain"], "", True) + oracle.log_odds(PROMPTS["plain"], "N/A", True)) / 2
    assert asker.prejudice(PROMPTS["plain"], swapped=True) == pytest.approx(expected, abs=1e-5)


def test_half_precision_is_near(speaker: Callable[..., Path]) -> None:
    exact = asker_of(speaker("Llama")).ask(PROMPTS["definition"], POSTS)
    coarse = asker_of(speaker("Llama"), precision="bf16").ask(PROMPTS["definition"], POSTS)
    assert 0 < np.abs(exact - coarse).max() < 0.2 * np.abs(exact).max()


def test_a_prompt_the_model_cannot_hold_is_told_with_its_size(speaker: Callable[..., Path]) -> None:
    asker = asker_of(speaker("Llama", max_position_embeddings=64))
    assert len(asker.ask(PROMPTS["plain"], ["short"])) == 1
    with pytest.raises(ModelError, match="'definition' needs 69 tokens, the model reads 64"):
        asker.ask(PROMPTS["definition"], ["this is rather longer than short"])
    with pytest.raises(ModelError, match="with 2 examples"):
        asker.ask(with_shots(PROMPTS["plain"], SHOTS), ["short"])


def test_damaged_weights_are_told(speaker: Callable[..., Path]) -> None:
    model = hub.load(2, id=str(speaker("Llama")))
    asker = Asker(model, PostSettings(), device="cpu")
    asker.output.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match="no numbers"):
        asker.ask(PROMPTS["plain"], POSTS)


def test_totals_are_of_whole_answers(speaker: Callable[..., Path]) -> None:
    asker = asker_of(speaker("Llama"))
    seen = set()
    for prompt in PROMPTS.values():
        question = asker.question(prompt, POSTS)
        means, totals = asker.log_odds_and_totals(question, range(len(POSTS)))
        seen.add(question.per_token)
        assert np.array_equal(means, totals) != question.per_token
        same = replace(prompt, negative=prompt.positive, positive=prompt.negative)
        swapped = asker.log_odds_and_totals(asker.question(same, POSTS), range(len(POSTS)))
        np.testing.assert_allclose(swapped, (-means, -totals), rtol=0, atol=1e-5)
    assert seen == {True, False}
