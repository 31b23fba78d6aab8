"""The time of a run is that of its steps, its judgements and its checkpoints."""

import math

import pytest
import torch

from hatetinyllm.models.lower import freeze_below
from hatetinyllm.models.model import outline
from hatetinyllm.training.duration import PROBE_TEXTS, SAVED_BYTES_PER_S, Duration, foresee_duration
from hatetinyllm.training.rehearsal import Block, Manner, rehearse
from hatetinyllm.training.steps import foresee_steps
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

OPTIONS = {"batch_size": 8, "batch_tokens": 0, "parts": 1, "epochs": 2, "judge_every": 0, "save_every": 200, "threads": 1}
ROWS = {"train": 100, "dev": 30, "test": 40}
BLOCK = Block(texts=8, tokens=16)


def foreseen(
    *, probes: bool = False, rows: dict[str, int] = ROWS, frozen_blocks: int = 0, kept_bytes: int = 0, **options: int
) -> Duration:
    net = outline(Choice(name="scratch", options={"layers": 2, "width": 32, "heads": 2}), 2)
    with torch.device("meta"):
        tuned = tune(net, Choice(name="lora", options={}))
    freeze_below(tuned.net, frozen_blocks)
    asked = {**OPTIONS, **options}
    steps = foresee_steps(asked, rows["train"], 16)
    found = rehearse(tuned.net, learnt=steps.part, read=BLOCK, manner=Manner(frozen_blocks=frozen_blocks))
    return foresee_duration(
        found,
        steps,
        BLOCK,
        asked,
        rows,
        learns=1000,
        kept_bytes=kept_bytes,
        probes=probes,
        device=torch.device("cpu"),
    )


def test_steps_and_judged_texts_are_counted_as_the_loop_does() -> None:
    found = foreseen()
    assert found.steps == 13 * 2
    assert found.judged == 30 * 2 + 30 + 40  # after each epoch, for the thresholds, and the test part
    assert found.total_s == found.steps * found.step_s + found.judging_s + found.saving_s
    assert found.lower_s == 0
    assert foreseen(judge_every=5).judged == 30 * math.ceil(26 / 5) + 30 + 40


def test_folding_in_is_probed_on_a_few_texts_twice() -> None:
    assert foreseen(probes=True).judged - foreseen().judged == 2 * 30
    many = {"train": 100, "dev": 300, "test": 40}
    assert foreseen(probes=True, rows=many).judged - foreseen(rows=many).judged == 2 * PROBE_TEXTS


def test_a_batch_in_parts_takes_each_of_them() -> None:
    one, four = foreseen(), foreseen(parts=4)
    assert four.flops == pytest.approx(one.flops, rel=0.2)  # as much to do, but for what a group bars
    assert four.step_s > 1.5 * one.step_s  # by more calls
    assert foreseen(parts=100).flops == foreseen(parts=8).flops  # no part is less than a text


def test_what_enters_a_block_is_worked_out_once_for_every_text() -> None:
    found, more = foreseen(frozen_blocks=1), foreseen(frozen_blocks=1, kept_bytes=int(SAVED_BYTES_PER_S))
    assert found.lower_s > 0
    assert more.lower_s > 1  # a second to write it
    assert found.flops < 0.8 * foreseen().flops


def test_a_budget_of_tokens_makes_other_steps() -> None:
    found = foreseen(batch_tokens=320)
    assert found.steps == 2 * math.ceil(100 * 16 / 312)
    assert found.flops > 2 * foreseen().flops


def test_without_dev_and_test_nothing_is_judged() -> None:
    assert foreseen(rows={"train": 100, "dev": 0, "test": 0}).judging_s == 0
