"""The time of a run is that of its steps, its judgements and its checkpoints."""

import math

import torch

from hatetinyllm.models.model import outline
from hatetinyllm.training.duration import PROBE_TEXTS, Duration, foresee_duration
from hatetinyllm.training.rehearsal import Block, Manner, rehearse
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

OPTIONS = {"batch_size": 8, "parts": 1, "epochs": 2, "judge_every": 0, "save_every": 200, "threads": 1}
ROWS = {"train": 100, "dev": 30, "test": 40}
BLOCK = Block(texts=8, tokens=16)


def foreseen(*, probes: bool = False, rows: dict[str, int] = ROWS, **options: int) -> Duration:
    net = outline(Choice(name="scratch", options={"layers": 1, "width": 32, "heads": 2}), 2)
    with torch.device("meta"):
        tuned = tune(net, Choice(name="lora", options={}))
    found = rehearse(tuned.net, learnt=BLOCK, read=BLOCK, manner=Manner())
    asked = {**OPTIONS, **options}
    return foresee_duration(found, BLOCK, asked, rows, learns=1000, probes=probes, device=torch.device("cpu"))


def test_steps_and_judged_texts_are_counted_as_the_loop_does() -> None:
    found = foreseen()
    assert found.steps == 13 * 2
    assert found.judged == 30 * 2 + 30 + 40  # after each epoch, for the thresholds, and the test part
    assert found.total_s == found.steps * found.step_s + found.judging_s + found.saving_s
    assert foreseen(judge_every=5).judged == 30 * math.ceil(26 / 5) + 30 + 40


def test_folding_in_is_probed_on_a_few_texts_twice() -> None:
    assert foreseen(probes=True).judged - foreseen().judged == 2 * 30
    many = {"train": 100, "dev": 300, "test": 40}
    assert foreseen(probes=True, rows=many).judged - foreseen(rows=many).judged == 2 * PROBE_TEXTS


def test_a_batch_in_parts_takes_each_of_them() -> None:
    one, four = foreseen(), foreseen(parts=4)
    assert four.flops == 4 * one.flops
    assert four.step_s > 2 * one.step_s
    assert foreseen(parts=100).flops == OPTIONS["batch_size"] * one.flops  # no part is less than a text


def test_without_dev_and_test_nothing_is_judged() -> None:
    assert foreseen(rows={"train": 100, "dev": 0, "test": 0}).judging_s == 0
