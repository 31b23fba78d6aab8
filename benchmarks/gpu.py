"""
Claim: what the paper's models cost on a graphics card, and how much faster packed texts are than the usual Trainer there.

python benchmarks/gpu.py             measures what is not measured yet on this card, and writes docs/results/gpu.md
python benchmarks/gpu.py --anew      measures everything again
python benchmarks/gpu.py --minutes 30    begins no figure after so many minutes, 7 unless told
python benchmarks/gpu.py --tiny --out FOLDER    the same with tiny shapes, on the CPU where there is no card: proves this file

The real shapes with random weights: speed does not ask what a weight says. Texts are random too, as long as posts are.
Every figure is written to docs/results/gpu.json as soon as it is there, so that a run that is cut off keeps what it has and
the next one goes on. The race against the Trainer comes first. Without a card nothing is measured, and the page says so.
"""

import argparse
import gc
import json
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import torch
import transformers
from gpu_page import (
    BASELINE,
    BATCH,
    BUDGET,
    FORWARD,
    MEAN_TOKENS,
    MINUTES,
    MOST_TOKENS,
    RACE,
    SECONDS,
    TUNINGS,
    WARM_BATCHES,
    cells,
    line_of,
    page,
)
from peft import LoraConfig, TaskType, get_peft_model
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from hatetinyllm.folder import write_text_whole
from hatetinyllm.models.card import ModelCard, card_of
from hatetinyllm.models.hub import attention_of
from hatetinyllm.models.known import configuration
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.models.readout import Readout, pad_right
from hatetinyllm.models.scratch import load as load_scratch
from hatetinyllm.models.tiny import tiny_shape
from hatetinyllm.training.batches import batches_of_epoch
from hatetinyllm.training.flops import work_of
from hatetinyllm.training.limit import measure_limit
from hatetinyllm.training.optim import make_optimiser
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results"
SEED = 42


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is measured on, and with which shapes."""

    device: torch.device
    tiny: bool
    texts: int
    seconds: float

    def machine(self) -> dict[str, Any]:
        """What a figure is a figure of; another card or another torch begins a new list."""
        card = torch.cuda.get_device_properties(self.device) if self.device.type == "cuda" else None
        return {
            "device": card.name if card else platform.processor() or platform.machine(),
            "memory_bytes": card.total_memory if card else 0,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "cuda": torch.version.cuda or "none",
            "tiny": self.tiny,
        }


def measure(setting: Setting, model: str, tuning: str, work: str) -> dict[str, Any]:
    """One figure, or why there is none."""
    cell = {"model": model, "tuning": tuning, "work": work, "date": date.today().isoformat()}
    gc.collect()  # the net before this one holds itself by its hooks
    if setting.device.type == "cuda":
        torch.cuda.empty_cache()
    try:
        return cell | _measured(setting, model, tuning, work)
    except torch.OutOfMemoryError:
        return cell | {"failed": "out of memory"}


def _measured(setting: Setting, model: str, tuning: str, work: str) -> dict[str, Any]:
    net, tally = build(setting, model, tuning), Tally(setting, texts_of(setting))
    found: dict[str, Any] = {"learn": sum(parameter.numel() for parameter in learning(net).values())}
    if work in FORWARD:
        _read(net.to(torch.bfloat16) if "bf16" in work else net, tally)
        return found | tally.figures()
    limit, cost, layout = measure_limit(net, device=setting.device, precision="bf16"), work_of(net), Layout()
    if work in RACE:
        net = net.to("meta")  # the Trainer has a net of its own
        _train_by_trainer(model, work, tally)
    else:
        with ExitStack() as stack:
            layout = _laid(net, work, setting.device, stack)
            _train(net, work, layout, tally)
    flops = cost.flops(texts=tally.texts, tokens=tally.tokens, last_only=layout.last_only)
    told = {"attention": layout.attention, "notes": layout.notes, "limit": limit, "share": flops / tally.seconds / limit}
    return found | tally.figures() | told


class Tally:
    """What was worked once warm, and whether that is enough."""

    def __init__(self, setting: Setting, windows: Sequence[Sequence[int]]) -> None:
        self.setting, self.windows = setting, windows
        self.batches = self.texts = self.tokens = 0
        self.began = self.seconds = 0.0

    def done(self, rows: Sequence[int]) -> bool:
        """A batch of these rows is done, to its last kernel."""
        if self.setting.device.type == "cuda":
            torch.cuda.synchronize(self.setting.device)
        self.batches += 1
        if self.batches <= WARM_BATCHES:
            self._begin()
            return False
        self.texts, self.tokens = self.texts + len(rows), self.tokens + sum(len(self.windows[row]) for row in rows)
        self.seconds = time.perf_counter() - self.began
        return self.seconds > self.setting.seconds

    def _begin(self) -> None:
        if self.setting.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.setting.device)
        self.began = time.perf_counter()

    def order(self, size: int) -> Iterable[list[int]]:
        """Batches of so many texts, epoch after epoch."""
        return cycle(batches_of_epoch([len(window) for window in self.windows], size, seed=SEED, epoch=0))

    def figures(self) -> dict[str, Any]:
        """As they are kept."""
        peak = torch.cuda.max_memory_allocated(self.setting.device) if self.setting.device.type == "cuda" else None
        rates = {"texts_per_s": self.texts / self.seconds, "tokens_per_s": self.tokens / self.seconds}
        return {"texts": self.texts, "tokens": self.tokens, "seconds": self.seconds, "peak_bytes": peak, **rates}


def _laid(net: nn.Module, work: str, device: torch.device, stack: ExitStack) -> Layout:
    """How texts are laid before the net until the stack is closed, as the net proves in the arithmetic that is used."""
    if "frozen in 16 bits" in work:
        for parameter in net.parameters():
            parameter.data = parameter.data if parameter.requires_grad else parameter.data.to(torch.bfloat16)
    if not work.startswith("packed"):
        return Layout()
    with torch.autocast(device.type, dtype=torch.bfloat16):
        return stack.enter_context(packed(net))


def _train(net: nn.Module, work: str, layout: Layout, tally: Tally) -> None:
    """Steps as `train` does them."""
    device, learns = tally.setting.device, learning(net)
    optimiser = make_optimiser(learns, learning_rate=1e-6, weight_decay=0.001)
    net.train()
    for rows in tally.order(round(BUDGET / MEAN_TOKENS) if "16k" in work else BATCH):
        given = layout.given([tally.windows[row] for row in rows], device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = net(*given)
        loss = nn.functional.cross_entropy(logits, torch.zeros(len(rows), dtype=torch.long, device=device))
        loss.backward()
        nn.utils.clip_grad_norm_(learns.values(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if tally.done(rows):
            return


@torch.inference_mode()
def _read(net: nn.Module, tally: Tally) -> None:
    net.eval()
    for rows in tally.order(BATCH):
        net(*pad_right([tally.windows[row] for row in rows], tally.setting.device))
        if tally.done(rows):
            return


def _train_by_trainer(model: str, work: str, tally: Tally) -> None:
    """The Trainer's own steps, as its user writes them."""
    given: list[list[int]] = []  # the rows of each batch; the Trainer fetches one ahead of the step it is at

    def collate(rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        given.append([row["row"] for row in rows])
        ids, lengths = pad_right([row["input_ids"] for row in rows])
        if work == BASELINE:
            ids = nn.functional.pad(ids, (0, MOST_TOKENS - ids.shape[1]))
        mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
        return {"input_ids": ids, "attention_mask": mask, "labels": torch.zeros(len(rows), dtype=torch.long)}

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **told: Any) -> None:
            control.should_training_stop = tally.done(given[state.global_step - 1])

    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=_peft_model(tally.setting, model),
            args=_arguments(folder, tally.setting, grouped="grouped" in work),
            train_dataset=[{"input_ids": window, "row": row} for row, window in enumerate(tally.windows)],
            data_collator=collate,
            callbacks=[Watch()],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()


def _arguments(folder: str, setting: Setting, *, grouped: bool) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=BATCH,
        max_steps=10**6,
        learning_rate=1e-6,
        weight_decay=0.001,
        bf16=True,
        use_cpu=setting.device.type == "cpu",
        train_sampling_strategy="group_by_length" if grouped else "random",
        remove_unused_columns=False,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=SEED,
    )


def _peft_model(setting: Setting, model: str) -> nn.Module:
    """The same shape as Transformers' own classifier under PEFT."""
    config, lora = shape_of(setting, model), TUNINGS["lora"]
    config.num_labels, config.pad_token_id = 2, 0
    torch.manual_seed(SEED)
    with setting.device:
        net = AutoModelForSequenceClassification.from_config(
            config, dtype=torch.float32, attn_implementation=attention_of(config)
        )
    thin = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=lora["rank"],
        lora_alpha=lora["alpha"],
        lora_dropout=lora["dropout"],
        target_modules=list(lora["layers"]),
    )
    wrapped: nn.Module = get_peft_model(net, thin)
    return wrapped


def build(setting: Setting, model: str, tuning: str) -> nn.Module:
    """A model's shape with random weights, tuned, on the device."""
    config = shape_of(setting, model)
    torch.manual_seed(SEED)
    with setting.device:
        decoder = AutoModel.from_config(config, dtype=torch.float32, attn_implementation=attention_of(config))
        net = Readout(decoder, 2)
        return tune(net, Choice(name=tuning, options=TUNINGS[tuning])).net.to(setting.device)


def shape_of(setting: Setting, model: str) -> Any:
    """A model's configuration, the real one or a tiny one of its kind."""
    card = card_of(model)
    assert card is not None, f"{model} has no card"
    return _tiny(card) if setting.tiny else configuration(card)


def _tiny(card: ModelCard) -> Any:
    return AutoConfig.for_model(**tiny_shape(card, load_scratch(2, layers=1, width=8, heads=2).tokenizer))


def texts_of(setting: Setting) -> list[list[int]]:
    """Random ids in texts as long as posts are: most of them short, a few at the limit."""
    chance = random.Random(SEED)
    lengths = [max(3, min(MOST_TOKENS, round(chance.lognormvariate(0, 0.6) * MEAN_TOKENS * 0.835))) for _ in range(setting.texts)]
    return [[chance.randrange(3, 1000) for _ in range(length)] for length in lengths]


def read_found(path: Path) -> dict[str, Any]:
    """What was measured before; nothing where nobody measured."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"machine": {}, "figures": []}
    return found


def go_on(setting: Setting, out: Path, *, anew: bool, minutes: float) -> None:
    """Measure what is not there yet, and write after each figure; begin none once the time is over."""
    path, machine, began = out / "gpu.json", setting.machine(), time.monotonic()
    found = read_found(path)
    if anew or found["machine"] != machine:
        found = {"machine": machine, "figures": []}
    done = {(one["model"], one["tuning"], one["work"]) for one in found["figures"]}
    for cell in cells():
        if cell in done or time.monotonic() - began > 60 * minutes:
            continue
        found["figures"].append(measure(setting, *cell))
        write_text_whole(path, json.dumps(found, indent=1) + "\n")
        write_text_whole(out / "gpu.md", page(found))
        print(" | ".join(line_of(found["figures"][-1], found["figures"])), flush=True)
    if missing := len(list(cells())) - len(found["figures"]):
        print(f"{missing} figures are not measured yet: run it again")


def main() -> int:
    """Measures, or writes that there is nothing to measure on."""
    asked = argparse.ArgumentParser(description="What the paper's models cost on a graphics card.")
    asked.add_argument("--anew", action="store_true", help="measure everything again")
    asked.add_argument("--minutes", type=float, default=MINUTES, help="begin no figure after so many minutes")
    asked.add_argument("--tiny", action="store_true", help="tiny shapes, on the CPU where there is no card; needs --out")
    asked.add_argument("--out", type=Path, default=RESULTS, help="where gpu.json and gpu.md go")
    given = asked.parse_args()
    if given.tiny and given.out == RESULTS:
        asked.error("--tiny needs --out: its figures are no results")
    given.out.mkdir(parents=True, exist_ok=True)
    if given.tiny or torch.cuda.is_available():
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        setting = Setting(
            device=device, tiny=given.tiny, texts=64 if given.tiny else 4096, seconds=0.1 if given.tiny else SECONDS
        )
        go_on(setting, given.out, anew=given.anew, minutes=given.minutes)
        return 0
    found = read_found(given.out / "gpu.json")
    write_text_whole(given.out / "gpu.md", page(found))
    kept = f"the page shows what was measured on {found['machine']['device']}" if found["figures"] else "the page says so"
    print(f"there is no CUDA card here: {kept}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
