"""A step gives the same gradients however it is worked, does with less memory, and takes no step that would do harm."""

import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint as again

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.hub import load
from hatetinyllm.training import bench as bench_module
from hatetinyllm.training import step as step_module
from hatetinyllm.training.bench import Bench
from hatetinyllm.training.rows import Rows
from hatetinyllm.training.step import is_out_of_memory, take_step, work
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import Tuned, learning, tune
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]
Ready = Callable[..., AbstractContextManager[Bench]]


def made(folder: Path, name: str = "lora", *, seed: int = 0, **options: object) -> Tuned:
    """With every weight that learns drawn at random: behind a fresh adapter's zeros no gradient arrives."""
    torch.manual_seed(seed)
    tuned = tune(load(2, id=str(folder)).net, Choice(name=name, options=options))
    for part in learning(tuned.net).values():
        torch.nn.init.normal_(part, std=0.1)
    return tuned


def gradients(bench: Ready, tuned: Tuned, rows: Rows, *, parts: int = 1, count: int = 16, **options: object) -> dict[str, Tensor]:
    """Of the first rows, without dropout."""
    with bench(tuned, rows, **options) as ready:
        tuned.net.eval()
        work(ready, range(count), parts)
        found = {name: part.grad.clone() for name, part in learning(tuned.net).items() if part.grad is not None}
        ready.optimiser.zero_grad()
    return found


def same(found: dict[str, Tensor], expected: dict[str, Tensor], *, rel: float = 1e-4, absolute: float = 1e-5) -> None:
    assert found.keys() == expected.keys()
    assert sum(float(gradient.abs().sum()) for gradient in expected.values()) > 0.1
    for name, gradient in expected.items():
        assert found[name] == pytest.approx(gradient, rel=rel, abs=absolute), name


@pytest.mark.parametrize("kind", ["Llama", "Mistral", "OPT", "Phi"])
@pytest.mark.parametrize("name", list(TUNINGS))
def test_sixteen_texts_give_the_gradients_of_four_parts_and_of_padded_ones(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, kind: str, name: str
) -> None:
    if name == "qlora":
        pytest.importorskip("bitsandbytes", reason="bitsandbytes is not here: install the extra gpu")
    tuned = made(checkpoint(kind), name)
    whole = gradients(bench, tuned, rows)
    same(gradients(bench, tuned, rows, parts=4), whole)
    same(gradients(bench, tuned, rows, layout="padded"), whole)


@pytest.mark.parametrize("options", [{"focal": 2.0}, {"smoothing": 0.2}, {"focal": 0.5, "smoothing": 0.1}])
def test_focal_loss_and_smoothing_add_up_over_parts(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, options: dict[str, float]
) -> None:
    tuned = made(checkpoint("Llama"))
    whole = gradients(bench, tuned, rows, **options)
    same(gradients(bench, tuned, rows, parts=5, **options), whole)
    assert any(not torch.allclose(whole[name], gradient) for name, gradient in gradients(bench, tuned, rows).items())


@pytest.mark.parametrize("kind", ["Llama", "OPT", "Phi"])
@pytest.mark.parametrize("layout", ["packed", "padded"])
def test_activations_worked_out_again_give_the_same_gradients_dropout_included(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, monkeypatch: pytest.MonkeyPatch, kind: str, layout: str
) -> None:
    found, calls = [], list[object]()
    monkeypatch.setattr(bench_module, "checkpoint", lambda *given, **named: calls.append(given) or again(*given, **named))
    for recompute in (False, True):
        tuned = made(checkpoint(kind), dropout=0.4)
        with bench(tuned, rows, recompute=recompute, layout=layout) as ready:
            torch.manual_seed(3)
            loss = work(ready, range(8), 2).loss
            found.append((loss, {name: part.grad for name, part in learning(tuned.net).items() if part.grad is not None}))
        assert len(calls) == (4 if recompute else 0)  # two blocks, two parts
    assert found[0][0] == found[1][0]
    same(found[1][1], found[0][1], rel=1e-6, absolute=1e-7)


@pytest.mark.parametrize("kind", ["Llama", "OPT", "Phi"])
@pytest.mark.parametrize("name", ["lora", "houlsby", "bitfit", "full"])
def test_in_16_bits_gradients_point_the_same_way_and_the_drift_is_told(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, kind: str, name: str
) -> None:
    tuned = made(checkpoint(kind), name)
    whole, half = (gradients(bench, tuned, rows, precision=precision) for precision in ("fp32", "bf16-frozen"))
    one, other = (torch.cat([gradient.flatten() for gradient in found.values()]) for found in (whole, half))
    assert float(torch.nn.functional.cosine_similarity(one, other, dim=0)) > 0.98
    assert not torch.equal(one, other)
    with bench(tuned, rows, precision="bf16-frozen") as ready:
        (note,) = ready.notes
    assert "of 64 texts logits change by at most" in note
    assert note.startswith("0 weights") == (name == "full")


class Scarce:
    """Memory for so many tokens at once: a piece of more fails in the midst of its work."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tokens: int, error: Exception | None = None) -> None:
        self.tokens, self.error, self.pieces = tokens, error or torch.OutOfMemoryError("out of memory"), list[int]()
        self._work_piece = step_module._work_piece
        monkeypatch.setattr(step_module, "_work_piece", self)

    def __call__(self, bench: Bench, piece: Any, batch: Any) -> Tensor:
        loss = self._work_piece(bench, piece, batch)  # it has drawn random numbers and left gradients behind
        self.pieces.append(sum(bench.rows.lengths[row] for row in piece))
        if self.pieces[-1] > self.tokens:
            raise self.error
        return loss


MESSAGES = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate"
    ),
    RuntimeError("[enforce fail at alloc_cpu.cpp:116] data. DefaultCPUAllocator: not enough memory: you tried to allocate"),
    MemoryError(),
]


@pytest.mark.parametrize("error", MESSAGES, ids=range(len(MESSAGES)))
def test_where_memory_runs_out_the_step_is_done_again_in_more_parts_as_if_it_had_begun_so(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    found = []
    for parts in (1, 4):
        tuned = made(checkpoint("Llama"), dropout=0.3)
        with monkeypatch.context() as patch, bench(tuned, rows) as ready:
            scarce = Scarce(patch, tokens=sum(rows.lengths[:16]) // 3, error=error)
            torch.manual_seed(5)
            taken = take_step(ready, range(16), number=7, rate=0.1, parts=parts)
            assert taken.parts == 4
            found.append((taken.loss, {name: part.detach().clone() for name, part in learning(tuned.net).items()}))
            notes = [f"memory ran out at step 7: a batch is worked in 4 parts from now on, this one by {max(scarce.pieces[-4:])}"]
            assert [note.partition(" tokens")[0] for note in taken.notes] == (notes if parts == 1 else [])
    assert found[0][0] == found[1][0]
    assert all(torch.equal(part, found[1][1][name]) for name, part in found[0][1].items())


def test_a_single_text_that_does_not_fit_ends_the_run_in_plain_words(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = made(checkpoint("Llama"))
    before = {name: part.detach().clone() for name, part in learning(tuned.net).items()}
    Scarce(monkeypatch, tokens=1)
    with (
        bench(tuned, rows) as ready,
        pytest.raises(TrainingError, match="does not suffice for a single text, at step 3") as caught,
    ):
        take_step(ready, range(16), number=3, rate=0.1, parts=1)
    assert "take train.recompute = true" in caught.value.problems
    assert all(torch.equal(part, before[name]) for name, part in learning(tuned.net).items())


def test_an_error_of_another_kind_is_not_taken_for_one_of_memory(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_out_of_memory(RuntimeError("the shapes do not fit"))
    Scarce(monkeypatch, tokens=1, error=RuntimeError("the shapes do not fit"))
    with bench(made(checkpoint("Llama")), rows) as ready, pytest.raises(RuntimeError, match="the shapes do not fit"):
        take_step(ready, range(16), number=3, rate=0.1, parts=1)


def test_an_optimiser_without_memory_is_told_of(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise torch.OutOfMemoryError("out of memory")

    with bench(made(checkpoint("Llama")), rows) as ready:
        monkeypatch.setattr(ready.optimiser, "step", fail)
        with pytest.raises(TrainingError, match="does not suffice for the optimiser, at step 1"):
            take_step(ready, range(4), number=1, rate=0.1, parts=1)


@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
def test_a_gradient_that_is_no_number_is_not_followed(bench: Ready, checkpoint: Checkpoint, rows: Rows, clip_norm: float) -> None:
    tuned = made(checkpoint("Llama"))
    before = {name: part.detach().clone() for name, part in learning(tuned.net).items()}
    part = next(iter(learning(tuned.net).values()))
    with bench(tuned, rows, clip_norm=clip_norm) as ready:
        part.register_hook(lambda gradient: gradient * torch.inf)
        with pytest.raises(TrainingError, match=r"the gradient is (inf|nan) at step 2") as caught:
            take_step(ready, range(4), number=2, rate=0.1, parts=1)
    assert caught.value.problems[0] == "rows of the batch: 0, 1, 2, 3"
    assert all(torch.equal(part, before[name]) for name, part in learning(tuned.net).items())


def test_a_gradient_is_no_longer_than_allowed(bench: Ready, checkpoint: Checkpoint, rows: Rows) -> None:
    tuned = made(checkpoint("Llama"))
    whole, clipped = (gradients(bench, tuned, rows, clip_norm=norm) for norm in (0.0, 0.01))
    length = torch.stack([gradient.norm() for gradient in whole.values()]).norm()
    same({name: gradient * length / 0.01 for name, gradient in clipped.items()}, whole, rel=1e-3)


SHARE = """
import sys, torch
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import bench_for, make_rows
from test_step import take_by_two
take_by_two(bench_for, Path(sys.argv[2]), make_rows(64, seed=1), Path(sys.argv[3]))
"""


def take_by_two(bench: Ready, folder: Path, rows: Rows, out: Path) -> None:
    """Three steps of which the second fails once, in the second process alone; the last has a text for but one of them."""
    import os

    patch = pytest.MonkeyPatch()
    second = os.environ.get("RANK") == "1"
    tuned = made(folder, dropout=0.0)
    step_module.SUMMED_NUMBERS = 100  # several exchanges
    with bench(tuned, rows) as ready:
        losses, parts, failed = [], 1, 0
        for number, batch in enumerate([range(9), range(9, 24), [30]]):
            scarce = Scarce(patch, tokens=30 if second and number == 1 else 1000)
            taken = take_step(ready, batch, number=number, rate=0.01, parts=parts)
            losses.append(taken.loss)
            failed += sum(tokens > scarce.tokens for tokens in scarce.pieces)
            parts = taken.parts
            patch.undo()
        assert failed == (1 if second else 0), scarce.pieces
        assert parts == (2 if "RANK" in os.environ else 1)
    learnt = {name: part.detach() for name, part in learning(tuned.net).items()}
    torch.save((losses, learnt), out / os.environ.get("RANK", "alone"))


def test_two_processes_agree_when_one_runs_out_of_memory_and_learn_what_one_alone_does(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, tmp_path: Path, two_processes: Callable[..., list[subprocess.Popen[str]]]
) -> None:
    processes = two_processes("-c", SHARE, Path(__file__).parent, checkpoint("Llama"), tmp_path)
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(said)
    take_by_two(bench, checkpoint("Llama"), rows, tmp_path)
    (losses, alone), *others = (torch.load(tmp_path / name) for name in ("alone", "0", "1"))
    for other_losses, other in others:
        assert other_losses == pytest.approx(losses, rel=1e-5)
        for name, part in alone.items():
            assert other[name] == pytest.approx(part, abs=1e-4), name
