"""
Claims: training needs no more memory than Transformers' Trainer with PEFT on the same work; judging needs the same whether 1,000
rows are judged or 100,000; a million texts are tokenised without being held, about as fast as by Transformers' tokenizer.

python benchmarks/memory.py [--texts N] [--rows N] [--only training evaluation tokens]
writes docs/results/memory.json; exit status 1 where a figure misses its bar. Linux only: it reads /proc.

Every figure is of a process of its own, on one thread. Texts are DynaHate's where HATETINYLLM_DATA is set, else made up, and are
read by the project's own tokenizer. Training: Llama shapes of 5M and 30M weights from random numbers, LoRA of rank 2 on k_proj
and v_proj, batches of 8 texts, fp32, the peak of the whole process. Evaluation: the peak above what stands there before (the net
and the rows), less the arrays that come out. Tokens: the peak above what stands there before the first text is given; ours are
brought into their normal form first, which Transformers' are not. For evaluation the C library is told to give large pieces back
when they are freed (MALLOC_MMAP_THRESHOLD_): left to its luck it keeps up to 100 MiB more, now and then, for few rows or many.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "memory.json"
SHAPES = {
    "5M": {"hidden_size": 256, "num_hidden_layers": 6, "num_attention_heads": 4, "intermediate_size": 704},
    "30M": {"hidden_size": 512, "num_hidden_layers": 8, "num_attention_heads": 8, "intermediate_size": 1376},
}
TRAINED_TEXTS, BATCH, MAX_TOKENS = 1600, 8, 128
FEW_ROWS, ROUNDS, TIMED_TEXTS = 1_000, 15, 10_000
SLOWER_MOST = 1.15  # of Transformers' seconds: the normal form is in ours
OF_EVERY_ROW = 128  # bytes beside tokens and answers: places, lengths, counts
HELD_MOST = 64 * 2**20  # bytes while a million texts are tokenised: where each ends, and the pieces at hand
MIB = 2**20


def peak() -> int:
    """The most memory this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def grown(work: Callable[[], object]) -> int:
    """How far the memory of this process climbs above what it has now, while some work is done."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is what is there now
    before = _status("VmRSS")
    work()
    return _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":"))


def texts_of(count: int) -> Iterator[str]:
    """So many texts one after the other, DynaHate's again and again, or made-up ones of as many words."""
    return _texts(count, _dynahate())  # those are in memory before the first is asked for


def _texts(count: int, known: list[str]) -> Iterator[str]:
    made = ("they", "are", "welcome", "here", "nobody", "minds", "the", "weather", "of", "street")
    for number in range(count):
        if known:
            yield known[number % len(known)]
        else:
            yield " ".join(made[(number * 7 + at * at) % len(made)] for at in range(3 + number * 13 % 40)) + f" {number}"


def _dynahate() -> list[str]:
    if not os.environ.get("HATETINYLLM_DATA"):
        return []
    from hatetinyllm.data.dataset import load_dataset

    return [example.text for example in load_dataset("dynahate").rows()]


def encoder() -> Any:
    """The project's own, as a recipe has it."""
    from importlib.resources import files

    from hatetinyllm.text.encode import TextSettings, open_encoder

    return open_encoder(Path(str(files("hatetinyllm.text"))) / "tokenizer.json", TextSettings(max_tokens=MAX_TOKENS))


def prepare(folder: str) -> dict[str, Any]:
    """The tokens of the texts that are trained on, for both sides the same."""
    import numpy as np

    windows = [found[0] for found in encoder().ids_of(list(texts_of(TRAINED_TEXTS)))]
    np.savez(Path(folder) / "tokens.npz", ids=np.concatenate(windows).astype(np.int32), lengths=[len(one) for one in windows])
    return {"tokens": sum(map(len, windows))}


def prepared(folder: str) -> list[Any]:
    """Those tokens, text by text."""
    import numpy as np

    kept = np.load(Path(folder) / "tokens.npz")
    return np.split(kept["ids"], np.cumsum(kept["lengths"])[:-1])


def config(shape: str) -> Any:
    """A Llama of this shape, with the vocabulary of the project's tokenizer."""
    from transformers import LlamaConfig

    heads = SHAPES[shape]["num_attention_heads"]
    return LlamaConfig(
        vocab_size=4096,
        num_key_value_heads=heads,
        max_position_embeddings=512,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=None,
        use_cache=False,
        **SHAPES[shape],
    )


def trainer(folder: str, shape: str, padded_to: str) -> dict[str, Any]:
    """An epoch by Transformers' Trainer and PEFT."""
    import torch
    from peft import LoraConfig, TaskType, get_peft_model
    from transformers import LlamaForSequenceClassification, Trainer, TrainingArguments

    torch.set_num_threads(1)
    texts = prepared(folder)
    data = [{"ids": torch.from_numpy(ids).long(), "label": row % 2} for row, ids in enumerate(texts)]
    model_config = config(shape)
    model_config.num_labels = 2
    lora = LoraConfig(
        task_type=TaskType.SEQ_CLS, r=2, lora_alpha=16, lora_dropout=0.05, target_modules=["k_proj", "v_proj"]
    )  # fmt: skip
    model = get_peft_model(LlamaForSequenceClassification(model_config), lora)
    longest = MAX_TOKENS if padded_to == "128" else 0

    def collate(batch: list[dict[str, Any]]) -> dict[str, Any]:
        width = longest or max(len(one["ids"]) for one in batch)
        ids, mask = torch.zeros(len(batch), width, dtype=torch.long), torch.zeros(len(batch), width, dtype=torch.long)
        for row, one in enumerate(batch):
            ids[row, : len(one["ids"])], mask[row, : len(one["ids"])] = one["ids"], 1
        return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([one["label"] for one in batch])}

    arguments = TrainingArguments(
        str(Path(folder) / "trainer"),
        per_device_train_batch_size=BATCH,
        num_train_epochs=1,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        use_cpu=True,
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
    Trainer(model=model, args=arguments, train_dataset=data, data_collator=collate).train()
    return {"peak": peak()}


def ours(folder: str, shape: str) -> dict[str, Any]:
    """An epoch by `learn`, its checkpoint included."""
    import torch
    from transformers import AutoModel

    from hatetinyllm.models.readout import Readout
    from hatetinyllm.training.checkpoint import Checkpoints
    from hatetinyllm.training.loop import learn
    from hatetinyllm.tuning.tune import tune
    from hatetinyllm.types import Choice

    torch.manual_seed(0)
    rows = _rows([(ids,) for ids in prepared(folder)])
    options = {"rank": 2, "alpha": 16, "dropout": 0.05, "layers": ("k_proj", "v_proj")}
    tuned = tune(Readout(AutoModel.from_config(config(shape)), 2), Choice(name="lora", options=options))
    checkpoints = Checkpoints(Path(folder) / f"ours-{shape}", {})
    for _ in learn(tuned, rows, _rows([]), _heads(), checkpoints, epochs=1, batch_size=BATCH, device="cpu", threads=1):
        pass
    return {"peak": peak()}


def _rows(windows: Any) -> Any:
    from hatetinyllm.training.heads import answers_of
    from hatetinyllm.training.rows import Rows
    from hatetinyllm.types import Example

    labels = ({"hate": ("not_hate",)}, {"hate": ("hate",)})
    examples = tuple(Example(text="", id=str(row), labels=labels[row % 2]) for row in range(len(windows)))
    return Rows(examples=examples, windows=windows, truth=answers_of(examples, _heads()), left_out=0, cut=0)


def _heads() -> Any:
    from hatetinyllm.types import Head

    return [Head(name="hate", labels=("not_hate", "hate"), positive="hate")]


def evaluate(rows: str) -> dict[str, Any]:
    """So many rows judged by the 5M shape: few words each, and every hundredth as long as a window."""
    import numpy as np
    import torch
    from transformers import AutoModel

    from hatetinyllm.models.readout import Readout, logits_of
    from hatetinyllm.training.judge import scored
    from hatetinyllm.training.tokens import Tokens

    torch.set_num_threads(1)
    count, chance = int(rows), np.random.default_rng(0)
    lengths = np.where(np.arange(count) % 100 == 0, MAX_TOKENS, chance.integers(2, 14, count))
    ids = chance.integers(2, 4096, lengths.sum(), dtype=np.int32)
    windows = Tokens(ids=ids, ends=np.concatenate([[0], np.cumsum(lengths)]), firsts=np.arange(count + 1))
    net, given = Readout(AutoModel.from_config(config("5M")), 2).eval(), _rows(windows)
    logits_of(net, [ids[:3]])  # whatever torch sets up once is there
    found: list[Any] = []
    growth = grown(lambda: found.extend(scored(net, given, _heads())))
    answers = count * (2 * 4 + 2 * 8 + 2 * 8 + 8 + 8)  # logits, probabilities, joined windows, scores, truth
    return {"growth": growth, "answers": answers, "beyond": growth - answers, "rows": len(found[1])}


def tokenise(count: str) -> dict[str, Any]:
    """So many texts, one after the other, into a file."""
    from hatetinyllm.training.tokens import write_tokens

    own, number = encoder(), int(count)
    write_tokens(texts_of(2048), own)
    texts, found = texts_of(number), list[Any]()
    began = time.process_time()
    growth = grown(lambda: found.append(write_tokens(texts, own)))
    return {"growth": growth, "cpu_s": time.process_time() - began, "texts": len(found[0]), "tokens": len(found[0].ids)}


def held(count: str) -> dict[str, Any]:
    """So many texts by Transformers' tokenizer in one call, as a data set's `map` or a list would keep them."""
    theirs = _fast_tokenizer()
    theirs(list(texts_of(2048)), truncation=True, max_length=MAX_TOKENS)
    texts, found = list(texts_of(int(count))), list[Any]()
    growth = grown(lambda: found.append(theirs(texts, truncation=True, max_length=MAX_TOKENS)))
    return {"growth": growth, "texts": len(found[0]["input_ids"])}


def timed() -> dict[str, Any]:
    """Seconds of the processor for the same texts, turn about."""
    from hatetinyllm.training.tokens import write_tokens

    own, theirs, texts = encoder(), _fast_tokenizer(), list(texts_of(TIMED_TEXTS))
    ways: Mapping[str, Callable[[], object]] = {
        "ours": lambda: write_tokens(texts, own),
        "transformers": lambda: theirs(texts, truncation=True, max_length=MAX_TOKENS),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            way()
            seconds[name].append(time.process_time() - began)
    ratio = median(own / other for own, other in zip(*seconds.values(), strict=True))
    return {**{name: median(found) for name, found in seconds.items()}, "ratio": ratio}


def _fast_tokenizer() -> Any:
    from importlib.resources import files

    from transformers import PreTrainedTokenizerFast

    place = Path(str(files("hatetinyllm.text"))) / "tokenizer.json"
    return PreTrainedTokenizerFast(tokenizer_file=str(place), pad_token="<pad>", bos_token="<s>")


CHILDREN: Mapping[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "trainer": trainer,
    "ours": ours,
    "evaluate": evaluate,
    "tokenise": tokenise,
    "held": held,
    "timed": timed,
}


def child(name: str, *given: object) -> dict[str, Any]:
    """One of them in a process of its own."""
    order = [sys.executable, __file__, "--child", name, *map(str, given)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "TRANSFORMERS_VERBOSITY": "error"}
    environment |= {"MALLOC_MMAP_THRESHOLD_": str(64 * 1024)} if name == "evaluate" else {}
    done = subprocess.run(order, stdout=subprocess.PIPE, check=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{' '.join(map(str, (name, *given[name in ('prepare', 'trainer', 'ours') :]))):24} {found}", flush=True)
    return found


def of_training() -> Iterator[dict[str, Any]]:
    """Peaks beside the Trainer's."""
    with tempfile.TemporaryDirectory() as folder:
        child("prepare", folder)
        for shape in SHAPES:
            own = child("ours", folder, shape)["peak"]
            for padded_to in ("longest", "128"):
                theirs = child("trainer", folder, shape, padded_to)["peak"]
                name = f"peak of training, {shape}, Trainer pads to {padded_to}"
                yield {"name": name, "ours_mib": own / MIB, "trainer_mib": theirs / MIB, "figure": own / theirs, "at_most": 1.0}


def of_evaluation(rows: int) -> Iterator[dict[str, Any]]:
    """What many rows need beyond few."""
    few = [child("evaluate", FEW_ROWS)["beyond"] for _ in range(3)]
    many = child("evaluate", rows)["beyond"]
    told = {"few_mib": [one / MIB for one in few], "many_mib": many / MIB}
    figure = (many - min(few)) / (rows - FEW_ROWS)
    yield {"name": f"bytes a row, {FEW_ROWS:,} to {rows:,}", **told, "figure": figure, "at_most": OF_EVERY_ROW}


def of_tokens(texts: int) -> Iterator[dict[str, Any]]:
    """What a million texts need, and how long they take."""
    some = min(texts, 100_000)
    own, theirs, seconds = child("tokenise", texts), child("held", some), child("timed")
    told = {"cpu_s": own["cpu_s"], "transformers_mib_of_as_many": theirs["growth"] / some * texts / MIB}
    yield {"name": f"MiB for {texts:,} texts", **told, "figure": own["growth"] / MIB, "at_most": HELD_MOST / MIB}
    yield {
        "name": "seconds of tokenising as a share of Transformers'",
        **{key: seconds[key] for key in ("ours", "transformers")},
        "figure": seconds["ratio"],
        "at_most": SLOWER_MOST,
    }


def main() -> int:
    """Print, write, and say whether all is as claimed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument(
        "--only", nargs="+", choices=["training", "evaluation", "tokens"], default=["training", "evaluation", "tokens"]
    )
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(CHILDREN[asked.child[0]](*asked.child[1:])))
        return 0
    parts = {
        "training": of_training,
        "evaluation": lambda: of_evaluation(asked.rows),
        "tokens": lambda: of_tokens(asked.texts),
    }
    found = [one for part in asked.only for one in parts[part]()]
    short = [one["name"] for one in found if one["figure"] > one["at_most"]]
    from importlib.metadata import version

    told = {
        "claim": str(__doc__).strip().partition("\n\n")[0].replace("\n", " "),
        "texts": "DynaHate" if os.environ.get("HATETINYLLM_DATA") else "made up",
        "made": str(date.today()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("torch", "transformers", "peft", "tokenizers")},
        "found": found,
        "short": short,
    }
    if len(asked.only) == len(parts):
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
