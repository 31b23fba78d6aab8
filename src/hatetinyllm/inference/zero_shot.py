"""
Label log-likelihood: how much likelier a language model goes on with the one answer than with the other.

No text is generated. Answers of one token each need two rows of the output matrix at the last token of a prompt, and no
normaliser: it is the same for both. Longer answers get their true log-probability, token by token; where one has more
tokens than the other, the mean of a token, since a longer answer would else be the less likely one by its length alone.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from hatetinyllm.errors import ModelError
from hatetinyllm.inference.prefix import Beginning, Reading, require_reuse, shared_length
from hatetinyllm.models.batches import batches_by_length
from hatetinyllm.models.model import Model
from hatetinyllm.models.output import Output, output_of
from hatetinyllm.scores import Numbers
from hatetinyllm.text.prompt import BLANKS, PostSettings, Prompt, PromptEncoder

SHARED_COST = 8  # so many tokens of a beginning take as much room in a batch as one that is read
ROOM = 2  # so many times the tokens of a batch may be held to read on behind them
LEAST_PROVED = 6  # tokens of a prompt by which a net is tried
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}


class Question:
    """A prompt in one order of its answers, filled with many posts and made ready for a decoder."""

    def __init__(
        self,
        decoder: torch.nn.Module,
        prompts: Sequence[Sequence[int]],
        answers: tuple[tuple[int, ...], tuple[int, ...]],
        batch_tokens: int,
    ) -> None:
        self.positive, self.negative = answers
        self.shared = shared_length(prompts)
        self._decoder = decoder
        self._ids = list(prompts[0][: self.shared]) if prompts else []
        self.tails = [ids[self.shared :] for ids in prompts]
        room = [max(len(tail), -(-(self.shared + len(tail)) // SHARED_COST)) for tail in self.tails]
        self.batches = [batch.tolist() for batch in batches_by_length(room, batch_tokens)]

    @cached_property
    def beginning(self) -> Beginning:
        """What all prompts begin with, read when it is first needed."""
        return Beginning(self._decoder, self._ids)

    @property
    def single(self) -> bool:
        """Whether both answers are one token."""
        return len(self.positive) == len(self.negative) == 1

    @property
    def per_token(self) -> bool:
        """Whether the answers differ in length, so that means are compared."""
        return len(self.positive) != len(self.negative)

    @property
    def measure(self) -> str:
        """What the log-odds compare, in words."""
        if self.single:
            return "logits of one token each"
        counts = f"{len(self.positive)} and {len(self.negative)} tokens"
        return f"log-probability per token ({counts})" if self.per_token else f"log-probability ({counts})"


class Asker:
    """A language model that is asked, with its output matrix and its way of reading prompts."""

    def __init__(
        self,
        model: Model,
        settings: PostSettings,
        *,
        precision: Literal["fp32", "bf16"] = "fp32",
        device: Literal["auto", "cpu"] = "auto",
        batch_tokens: int = 4096,
    ) -> None:
        self.encoder = PromptEncoder(model.tokenizer, settings)
        self.max_tokens = model.max_tokens
        self.batch_tokens = batch_tokens
        place = "cuda" if device == "auto" and torch.cuda.is_available() else "cpu"
        model.net.to(device=place, dtype=PRECISIONS[precision]).eval()
        self._decoder = model.net.decoder
        found = output_of(model)
        self.output = Output(weight=found.weight.float(), bias=None if found.bias is None else found.bias.float())
        self._proved = False

    def question(self, prompt: Prompt, posts: Sequence[str], *, swapped: bool = False, more_tokens: int = 0) -> Question:
        """The prompt filled with posts in normal form; one that the model cannot hold, with `more_tokens`, is an error."""
        answers = self.encoder.answers(prompt)
        prompts = self.encoder.ids([prompt.filled(post, swapped=swapped) for post in posts])
        longest = max(prompts, key=len, default=())
        needed = len(longest) + max(more_tokens, *(len(answer) - 1 for answer in answers))
        if needed > self.max_tokens:
            shown = f" with {len(prompt.shots)} examples" if prompt.shots else ""
            hints = [f"a post may be {self.encoder.settings.max_tokens} of them: lower text.max_tokens, or zero_shot.shots"]
            raise ModelError(f"prompt {prompt.name!r}{shown} needs {needed} tokens, the model reads {self.max_tokens}", hints)
        question = Question(self._decoder, prompts, answers, self.batch_tokens)
        if not self._proved and len(longest) >= LEAST_PROVED:
            require_reuse(self._decoder, longest)
            self._proved = True
        return question

    def log_odds(self, question: Question, batch: Sequence[int]) -> Numbers:
        """Log-odds of the positive answer against the negative one for some prompts of a question."""
        return self.log_odds_and_totals(question, batch)[0]

    @torch.inference_mode()
    def log_odds_and_totals(self, question: Question, batch: Sequence[int]) -> tuple[Numbers, Numbers]:
        """Log-odds, and those of whole answers: another number only where one has more tokens and means are compared."""
        longer, shorter = sorted((question.positive, question.negative), key=len, reverse=True)
        tails = [question.tails[row] for row in batch]
        # The longer answer is read in the same go; what stands before it does not see it.
        reading = question.beginning.read(tails, behind=longer[:-1], keep=len(shorter) > 1)
        if question.single:
            logits = self.output.rows([*question.positive, *question.negative])(reading.last.float())  # (B, 2)
            found = totals = logits[:, 0] - logits[:, 1]
        else:
            first = self.output(reading.last.float()).log_softmax(-1)  # (B, V)
            known = first[:, longer[0]] + self._sum(reading.behind, longer[1:])
            other = first[:, shorter[0]] + self._later(question, reading, shorter)
            sign = 1 if longer is question.positive else -1
            found = totals = sign * (known - other)
            if question.per_token:
                found = sign * (known / len(longer) - other / len(shorter))
        return _numbers(found), _numbers(totals)

    def ask(self, prompt: Prompt, posts: Sequence[str], *, swapped: bool = False) -> Numbers:
        """Log-odds for posts in normal form, in their order."""
        question = self.question(prompt, posts, swapped=swapped)
        found = np.zeros(len(posts))
        for batch in question.batches:
            found[batch] = self.log_odds(question, batch)
        return found

    def prejudice(self, prompt: Prompt, *, swapped: bool = False) -> float:
        """The log-odds of a post that says nothing: what calibration takes off."""
        return float(self.ask(prompt, BLANKS, swapped=swapped).mean())

    def _later(self, question: Question, reading: Reading, answer: tuple[int, ...]) -> Tensor:
        """The log-probability behind each row of an answer's tokens but the first."""
        found = torch.zeros(len(reading.last), device=reading.last.device)
        ids = torch.tensor([answer[:-1]], device=reading.last.device)
        for group in reading.groups(ROOM * self.batch_tokens) if len(answer) > 1 else ():
            hidden = question.beginning.read_on(group, ids.expand(len(group.rows), -1))
            found[group.rows] = self._sum(hidden, answer[1:])
        return found

    def _sum(self, hidden: Tensor, tokens: Sequence[int]) -> Tensor:
        """The log-probability of a token after each place, added up: (rows, tokens, size) -> (rows,)."""
        found = torch.zeros(len(hidden), device=hidden.device)
        for place, token in enumerate(tokens):  # one place at a time: all words of the vocabulary take room
            found += self.output(hidden[:, place].float()).log_softmax(-1)[:, token]
        return found


def _numbers(found: Tensor) -> Numbers:
    numbers: Numbers = found.cpu().numpy().astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ModelError("the weights of this model give no numbers: they are damaged, or too coarse in this precision")
    return numbers
