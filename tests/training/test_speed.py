"""Operations are timed for real; what there was no time for is worked out."""

import time

import pytest
import torch

from hatetinyllm.models.model import outline
from hatetinyllm.training.ledger import Work
from hatetinyllm.training.rehearsal import Block, Manner, rehearse
from hatetinyllm.training.speed import time_work
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

CPU = torch.device("cpu")


def work(width: int = 128) -> Work:
    net = outline(Choice(name="scratch", options={"layers": 2, "width": width, "heads": 4}), 2)
    with torch.device("meta"):
        tuned = tune(net, Choice(name="lora", options={"dropout": 0.1}))
    block = Block(texts=8, tokens=32)
    return rehearse(tuned.net, learnt=block, read=block, manner=Manner()).learnt


def test_all_of_a_small_step_is_measured() -> None:
    timed = time_work(work(), device=CPU, threads=1, limit_s=5)
    assert timed.speed.measured_share == 1
    assert timed.seconds > 0
    assert timed.speed.threads == 1
    assert 1e8 < timed.speed.flops_per_s < 1e14
    assert 1e7 < timed.speed.bytes_per_s < 1e13


def test_without_time_the_whole_is_worked_out_from_a_guess() -> None:
    timed = time_work(work(), device=CPU, threads=1, limit_s=0)
    assert timed.speed.measured_share == 0
    assert timed.seconds > 0


def test_a_speed_known_before_stands_in_for_the_guess() -> None:
    asked = work()
    known = time_work(asked, device=CPU, threads=1, limit_s=5).speed
    again = time_work(asked, device=CPU, threads=1, limit_s=0, like=known)
    products = sum(operation.flops * operation.times for operation in asked.operations)
    moved = sum(operation.size * operation.times for operation in asked.operations if not operation.flops)
    assert again.seconds == pytest.approx(products / known.flops_per_s + moved / known.bytes_per_s)


def test_the_time_limit_holds() -> None:
    asked = work(width=512)
    began = time.perf_counter()
    time_work(asked, device=CPU, threads=1, limit_s=0.05)
    assert time.perf_counter() - began < 2


def test_a_wider_net_takes_longer() -> None:
    narrow, wide = (time_work(work(width), device=CPU, threads=1, limit_s=1).seconds for width in (64, 512))
    assert wide > 2 * narrow


def test_the_threads_of_the_process_are_put_back() -> None:
    before = torch.get_num_threads()
    time_work(work(), device=CPU, threads=before + 1, limit_s=0)
    assert torch.get_num_threads() == before
