"""Forced generation says what Transformers' own `generate` says, and only a clear answer is one."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from hatetinyllm.inference.generation import generate, parse
from hatetinyllm.inference.zero_shot import Asker
from hatetinyllm.models import hub
from hatetinyllm.text.prompt import PROMPTS, PostSettings

POSTS = ("the weather is lovely", "no", "they are all welcome here", "nobody likes rain", "yes")


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["Llama", "Phi", "OPT", "Mistral"])
def test_it_says_what_transformers_generate_says(speaker: Callable[..., Path], kind: str) -> None:
    folder = speaker(kind)
    asker = Asker(hub.load(2, id=str(folder)), PostSettings(), device="cpu")
    net = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    every = set()
    for prompt in PROMPTS.values():
        question = asker.question(prompt, POSTS)
        found = dict.fromkeys(range(len(POSTS)), "")
        for batch in question.batches:
            found |= dict(zip(batch, generate(asker, question, batch, new_tokens=6), strict=True))
        for row, post in enumerate(POSTS):
            ids = torch.tensor([tokenizer.encode(prompt.filled(post)).ids])
            mask = torch.ones_like(ids)
            said = net.generate(ids, attention_mask=mask, max_new_tokens=6, do_sample=False, pad_token_id=0, eos_token_id=None)
            assert found[row] == tokenizer.decode(said[0, ids.shape[1] :].tolist(), skip_special_tokens=True)
        every |= set(found.values())
    assert len(every) > 2, "always the same words would show nothing"


@pytest.mark.parametrize(
    ("prompt", "said", "answer"),
    [
        ("plain", " Yes", True),
        ("plain", ' "NO," said she', False),
        ("plain", "\n\n- yes.", True),
        ("plain", " Yesterday", None),
        ("plain", " Nobody", None),
        ("plain", " I cannot say yes or no", None),
        ("plain", "", None),
        ("plain", " ...", None),
        ("definition", " not hate", False),
        ("definition", " hate, as it attacks", True),
        ("definition", " not hateful", None),
        ("instruction", " non-hate\nText: hate", False),
        ("verbalizer", " Respectful", False),
    ],
)
def test_an_answer_is_what_begins_with_one(prompt: str, said: str, answer: bool | None) -> None:
    assert parse(said, PROMPTS[prompt]) is answer
