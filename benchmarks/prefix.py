"""
Claim: a prompt's beginning read once makes zero-shot at least 1.5 times as fast as one full forward per text in the same
batches, and at least 2 times as fast as Transformers' `generate` in them.

A Llama-shaped decoder of 30 M random weights, one thread, CPU time, all ways in turn in every round. The gain is about
(beginning + rest) / rest, so it hangs on the length of the texts: measured on the demo's (26 tokens), and where the data is at
hand on DynaHate's and on HatEval's, which are longer. The wordings of `plain`, `verbalizer` and `instruction` were made fuller
with this ratio in view (docs/log.md); what a wording does to accuracy was not measured.
`forward` is one full forward per text, and the answers' rows at its last token: for answers of several tokens that is less
than is asked for, and `same numbers` is what it takes without a beginning (a full forward per text and answer).
Run: python benchmarks/prefix.py [--data demo dynahate hateval] [--texts N] [--rounds N] [--write]
"""

import argparse
import json
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, LlamaConfig

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.sample import draw
from hatetinyllm.inference.zero_shot import Asker
from hatetinyllm.models import hub
from hatetinyllm.models.readout import pad_right
from hatetinyllm.text.prompt import PROMPTS, PostSettings, Prompt, draw_shots, with_shots

WANTED = {"forward": 1.5, "generate": 2.0}
BATCH_TOKENS = 1024  # small enough that a few texts make several batches of like lengths, as many texts do of 4096
NEW_TOKENS = 8  # what a generated answer is looked for in
SHAPE = {
    "vocab_size": 4096, "hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8,
    "num_key_value_heads": 8, "max_position_embeddings": 2048, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": None,
}  # fmt: skip
RESULT = Path(__file__).parents[1] / "docs" / "results" / "prefix.json"


class Ways:
    """The ways to ask one prompt about the same texts in the same batches."""

    def __init__(self, asker: Asker, folder: Path, prompt: Prompt, texts: Sequence[str]) -> None:
        self.asker, self.prompt, self.texts = asker, prompt, texts
        self.net = AutoModelForCausalLM.from_pretrained(folder).eval()
        self.net.generation_config.eos_token_id = None
        self.ids = [list(ids) for ids in asker.encoder.ids([prompt.filled(text) for text in texts])]
        self.question = asker.question(prompt, texts)

    @torch.inference_mode()
    def ours(self) -> torch.Tensor:
        """The beginning once, then what follows it."""
        question = self.asker.question(self.prompt, self.texts)
        found = torch.zeros(len(self.texts), dtype=torch.float64)
        for batch in question.batches:
            found[batch] = torch.from_numpy(self.asker.log_odds(question, batch))
        return found

    @torch.inference_mode()
    def forward(self) -> torch.Tensor:
        """One full forward per text, the two rows of the answers' first tokens at its end."""
        found = torch.zeros(len(self.texts), dtype=torch.float64)
        rows = self.asker.output.rows([self.question.positive[0], self.question.negative[0]])
        for batch in self.question.batches:
            ids, lengths = pad_right([self.ids[row] for row in batch])
            logits = rows(self.net.model(input_ids=ids, use_cache=False).last_hidden_state[torch.arange(len(ids)), lengths - 1])
            found[batch] = (logits[:, 0] - logits[:, 1]).double()
        return found

    @torch.inference_mode()
    def same_numbers(self) -> torch.Tensor:
        """The same log-odds without a beginning: for longer answers a full forward per text and answer."""
        if self.question.single:
            return self.forward()
        return self._sum(self.question.positive) - self._sum(self.question.negative)

    @torch.inference_mode()
    def generate(self) -> None:
        """Transformers' own way to an answer in words."""
        for batch in self.question.batches:
            width = max(len(self.ids[row]) for row in batch)
            ids = torch.tensor([[0] * (width - len(self.ids[row])) + self.ids[row] for row in batch])
            mask = torch.tensor([[0] * (width - len(self.ids[row])) + [1] * len(self.ids[row]) for row in batch])
            self.net.generate(ids, attention_mask=mask, max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=0)

    def _sum(self, answer: Sequence[int]) -> torch.Tensor:
        """An answer's log-probability, or a token's where the answers differ in length."""
        found = torch.zeros(len(self.texts), dtype=torch.float64)
        for batch in self.question.batches:
            ids, lengths = pad_right([[*self.ids[row], *answer[:-1]] for row in batch])
            hidden = self.net.model(input_ids=ids, use_cache=False).last_hidden_state
            places = (lengths - len(answer))[:, None] + torch.arange(len(answer))  # (B, tokens of the answer)
            logs = self.asker.output(hidden[torch.arange(len(ids))[:, None], places]).log_softmax(-1)
            found[batch] = logs[:, torch.arange(len(answer)), torch.tensor(answer)].sum(-1).double()
        return found / len(answer) if self.question.per_token else found


def checkpoint(folder: Path) -> Path:
    """A decoder of random weights on disk, with the project's tokenizer."""
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(LlamaConfig(**SHAPE)).save_pretrained(folder)
    shutil.copy(str(files("hatetinyllm.text").joinpath("tokenizer.json")), folder / "tokenizer.json")
    return folder


def timed(way: Callable[[], object]) -> float:
    """CPU seconds of one turn."""
    start = time.process_time()
    way()
    return time.process_time() - start


def measure(ways: Ways, rounds: int) -> dict[str, Any]:
    """Medians of interleaved rounds, and how many times as long the other ways take."""
    change = float((ways.ours() - ways.same_numbers()).abs().max())
    assert change < 1e-4, f"the ways differ by {change}"
    turns = {"ours": ways.ours, "forward": ways.forward, "same_numbers": ways.same_numbers, "generate": ways.generate}
    took: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, way in turns.items():
            took[name].append(timed(way))
    seconds = {name: statistics.median(times) for name, times in took.items()}
    question = ways.question
    return {
        "tokens_shared": question.shared,
        "tokens_after_mean": round(statistics.mean(map(len, question.tails)), 1),
        "batches": len(question.batches),
        "answer_tokens": [len(question.positive), len(question.negative)],
        "largest_difference": float(f"{change:.1e}"),
        "cpu_s": {name: round(value, 3) for name, value in seconds.items()},
        "times_as_fast_as": {name: round(seconds[name] / seconds["ours"], 2) for name in list(turns)[1:]},
    }


def main() -> None:
    """Measure every preset, and few-shot, and say whether the claim holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["demo"], help="datasets whose texts are asked about")
    parser.add_argument("--texts", type=int, default=96, help="how many of each")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way runs")
    parser.add_argument("--write", action="store_true", help=f"write docs/results/{RESULT.name}")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = checkpoint(Path(temporary))
        asker = Asker(hub.load(2, id=str(folder)), PostSettings(), device="cpu", batch_tokens=BATCH_TOKENS)
        for name in asked.data:
            found[name] = measure_texts(name, asker, folder, asked.texts, asked.rounds)
    for against, wanted in WANTED.items():
        ratios = {
            f"{data}: {name}": row["times_as_fast_as"][against] for data, rows in found.items() for name, row in rows.items()
        }
        print(f"against {against}: {min(ratios.values())} to {max(ratios.values())}, wanted {wanted} or more")
        print(f"  below: {', '.join(name for name, ratio in ratios.items() if ratio < wanted) or 'none'}")
    if asked.write:
        write(found, asked.texts, asked.rounds)


def measure_texts(name: str, asker: Asker, folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """Every preset, and four examples before the first, on some texts of a dataset."""
    drawn = draw(load_dataset(name), rows=4000)
    examples = drawn.test or drawn.dev
    texts = [windows[0] for windows in (asker.encoder.windows(example.text) for example in examples) if windows][:count]
    shots = draw_shots(drawn.train, count=4, seed=42, max_characters=280)
    prompts = {**PROMPTS, "plain, 4 examples": with_shots(PROMPTS["plain"], shots)}
    found = {}
    for prompt_name, prompt in prompts.items():
        found[prompt_name] = measure(Ways(asker, folder, prompt, texts), rounds)
        print(f"{name:<10}{prompt_name:<18}{json.dumps(found[prompt_name])}", flush=True)
    return found


def write(found: dict[str, Any], texts: int, rounds: int) -> None:
    """The figures, with what they were measured on."""
    machine = {
        "processor": platform.machine(),
        "threads": 1,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    content = {"texts": texts, "rounds": rounds, "batch_tokens": BATCH_TOKENS, "net": SHAPE, "machine": machine, "data": found}
    RESULT.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
