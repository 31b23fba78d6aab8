"""What enters the lowest block that learns is worked out once, kept whole or not at all, and taken again on a resume."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from hatetinyllm.errors import HateTinyLLMError, TrainingError
from hatetinyllm.models.hub import load
from hatetinyllm.models.lower import entering, freeze_below
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.models.packing import Packing, pack
from hatetinyllm.training import lower as lower_module
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.follow import Stage, train
from hatetinyllm.training.loop import Step, learn
from hatetinyllm.training.lower import ABOUT, NAME, NUMBERS, Lower, drop_lower, keep_lower, lower_of
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned, learning, tune
from hatetinyllm.types import Choice, Head

Checkpoint = Callable[[str], Path]
HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX"]


def made(folder: Path, *, dropout: float = 0.0) -> Tuned:
    torch.manual_seed(0)
    tuned = tune(load(2, id=str(folder)).net, Choice(name="lora", options={"rank": 4, "dropout": dropout}))
    freeze_below(tuned.net, 1)
    return tuned


def keep(tuned: Tuned, rows: Rows, folder: Path, **changes: Any) -> list[str]:
    """All that is said while it is kept."""
    options = {"frozen_blocks": 1, "precision": "fp32", "layout": "packed", "device": "cpu", **changes}
    return list(keep_lower(tuned, rows, Checkpoints(folder, {"run": "this"}), **options))


def opened(tuned: Tuned, rows: Rows, folder: Path, precision: str = "fp32", run: str = "this") -> Iterator[Lower | None]:
    with (
        packed(tuned.net) as laid,
        lower_of(tuned, rows, Checkpoints(folder, {"run": run}), laid, frozen_blocks=1, precision=precision) as lower,
    ):
        yield lower


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tokens of every batch for which the blocks below are worked."""
    calls, real = list[int](), entering

    def count(net: Any, block: int, packing: Packing) -> torch.Tensor:
        calls.append(packing.tokens)
        return real(net, block, packing)

    monkeypatch.setattr(lower_module, "entering", count)
    return calls


@pytest.mark.parametrize("kind", KINDS)
def test_rows_in_any_order_have_the_logits_of_the_whole_net(
    checkpoint: Checkpoint, rows: Rows, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lower_module, "BATCH_TOKENS", 50)
    tuned, chosen = made(checkpoint(kind)), [40, 3, 63, 0]
    keep(tuned, rows, tmp_path)
    for lower in opened(tuned, rows, tmp_path):
        assert lower is not None
        given = (pack([rows.windows[row][0] for row in chosen]),)
        net = tuned.net.eval()
        with torch.no_grad():
            torch.testing.assert_close(net(*lower.begun(given, chosen)), net(*given), rtol=1e-5, atol=1e-6)


def test_it_is_worked_out_once(checkpoint: Checkpoint, rows: Rows, tmp_path: Path, worked: list[int]) -> None:
    said = keep(made(checkpoint("Llama")), rows, tmp_path)
    assert said[0] == f"what enters block 1, of 64 texts: {sum(rows.lengths) * 32 * 4 / 1e6:,.1f} MB on disk, once for all epochs"
    assert said[-1].startswith("64 texts in ")
    assert sum(worked) == sum(rows.lengths)
    worked.clear()
    assert keep(made(checkpoint("Llama")), rows, tmp_path) == ["what enters block 1 is there from before"]
    assert not worked
    drop_lower(Checkpoints(tmp_path, {}))
    assert not list(tmp_path.iterdir())


def test_how_far_it_has_come_is_told_now_and_then(
    checkpoint: Checkpoint, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lower_module, "BATCH_TOKENS", 100)
    monkeypatch.setattr(lower_module, "TOLD_EVERY_S", 0.0)
    said = keep(made(checkpoint("Llama")), rows, tmp_path)[1:-1]
    assert len(said) >= 3
    assert said[-1] == "64 of 64 texts"
    assert sorted(said, key=lambda line: int(line.split()[0])) == said


@pytest.mark.parametrize("broken", ["flipped", "short", "other run", "other tokens", "other precision"])
def test_what_is_damaged_or_of_something_else_is_worked_out_anew(
    checkpoint: Checkpoint, rows: Rows, tmp_path: Path, worked: list[int], broken: str
) -> None:
    tuned = made(checkpoint("Llama"))
    keep(tuned, rows, tmp_path)
    place, options = tmp_path / NAME / NUMBERS, dict[str, Any]()
    content = bytearray(place.read_bytes())
    if broken == "flipped":
        content[100] ^= 1
    place.write_bytes(content[:-4] if broken == "short" else content)
    if broken == "other run":
        about = tmp_path / NAME / ABOUT
        about.write_text(about.read_text(encoding="utf-8").replace("this", "that"), encoding="utf-8")
    if broken == "other tokens":
        rows = replace(rows, windows=tuple(reversed(rows.windows)))
    if broken == "other precision":
        options["precision"] = "bf16"
    worked.clear()
    keep(tuned, rows, tmp_path, **options)
    assert sum(worked) == sum(rows.lengths)
    assert all(lower is not None for lower in opened(tuned, rows, tmp_path, **options))


def test_sixteen_bits_take_half_the_room(checkpoint: Checkpoint, rows: Rows, tmp_path: Path) -> None:
    tuned = made(checkpoint("Llama"))
    keep(tuned, rows, tmp_path, precision="bf16")
    assert (tmp_path / NAME / NUMBERS).stat().st_size == sum(rows.lengths) * 32 * 2
    for lower in opened(tuned, rows, tmp_path, "bf16"):
        assert lower is not None
        assert lower.of([5, 1]).dtype is torch.bfloat16
        assert lower.of([5, 1]).shape == (1, rows.lengths[5] + rows.lengths[1], 32)


def test_what_is_not_this_nets_is_not_used(checkpoint: Checkpoint, rows: Rows, tmp_path: Path) -> None:
    tuned = made(checkpoint("Llama"))
    assert list(opened(tuned, rows, tmp_path)) == [None]
    keep(tuned, rows, tmp_path)
    assert list(opened(tuned, rows, tmp_path, run="that")) == [None]
    assert list(opened(tuned, rows, tmp_path, precision="bf16")) == [None]
    with torch.no_grad():
        tuned.net.get_parameter("model.embed_tokens.weight").mul_(-1)
    assert list(opened(tuned, rows, tmp_path)) == [None], "the net gives other logits from what was kept"


def test_what_cannot_be_kept_is_told_and_leaves_nothing(
    checkpoint: Checkpoint, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = made(checkpoint("Llama"))
    assert "the layout is padded" in keep(tuned, rows, tmp_path, layout="padded")[0]
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    assert "spread over processes" in keep(tuned, rows, tmp_path)[0]
    monkeypatch.delenv("ACCELERATE_USE_FSDP")
    monkeypatch.setattr(lower_module, "why_not_begun_at", lambda *_, **__: "logits change")
    assert keep(tuned, rows, tmp_path) == [f"not possible, logits change: {lower_module.ANEW}"]
    assert keep(tuned, rows, tmp_path, frozen_blocks=0) == []
    assert not list(tmp_path.iterdir())
    with lower_of(tuned, rows, Checkpoints(tmp_path, {}), Layout(), frozen_blocks=0, precision="fp32") as lower:
        assert lower is None


def test_a_disk_without_room_is_told_of_before_anything_is_written(
    checkpoint: Checkpoint, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda place: type("Usage", (), {"free": 1000})())
    with pytest.raises(TrainingError, match=r"what enters block 1 cannot be kept in .* are needed for .* 0\.0 MB are free"):
        keep(made(checkpoint("Llama")), rows, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_is_an_error_and_leaves_nothing_half_written(
    checkpoint: Checkpoint, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(*given: Any) -> Iterator[int]:
        yield 1
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lower_module, "_work", fill_up)
    with pytest.raises(TrainingError, match="no space is left on the disk: what enters block 1"):
        keep(made(checkpoint("Llama")), rows, tmp_path)
    assert not list(tmp_path.iterdir())


def trained(tuned: Tuned, rows: Rows, dev: Rows, folder: Path, *, stop_after: int = 0, **options: Any) -> list[Step]:
    """Train for two epochs, or walk away after so many steps."""
    named = {"epochs": 2, "batch_size": 16, "learning_rate": 1e-2, "save_every": 3, "device": "cpu", "frozen_blocks": 1}
    steps = []
    for step in learn(tuned, rows, dev, [HATE], Checkpoints(folder, {"run": "this"}), **{**named, **options}):
        steps.append(step)
        if len(steps) == stop_after:
            break
    return steps


def weights(tuned: Tuned) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in learning(tuned.net).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_training_from_what_was_kept_is_training_of_the_whole_net(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path, kind: str
) -> None:
    kept, whole = (made(checkpoint(kind), dropout=0.0) for _ in range(2))
    for one in (kept, whole):
        one.net.config.dropout = 0.0
        for part in one.net.modules():
            part.dropout = 0.0 if isinstance(getattr(part, "dropout", None), float) else getattr(part, "dropout", None)
            part.p = 0.0 if isinstance(part, nn.Dropout) else getattr(part, "p", None)
    keep(kept, rows, tmp_path / "kept")
    found = trained(kept, rows, dev, tmp_path / "kept", learning_rate=1e-3)
    expected = trained(whole, rows, dev, tmp_path / "whole", learning_rate=1e-3)
    assert [step.loss for step in found] == pytest.approx([step.loss for step in expected], rel=1e-5)
    assert found[-1].dev == expected[-1].dev
    assert found[0].flops < expected[0].flops, "what is kept from before is no work"
    assert expected[0].notes == (lower_module.ANEW,)
    assert found[0].notes == ()
    for name, tensor in weights(whole).items():
        assert weights(kept)[name] == pytest.approx(tensor, abs=1e-4), name


@pytest.mark.parametrize("precision", ["fp32", "bf16-frozen"])
def test_what_was_kept_goes_with_recomputing(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path, precision: str
) -> None:
    losses = []
    for recompute in (False, True):
        tuned, folder = made(checkpoint("Llama")), tmp_path / str(recompute)
        keep(tuned, rows, folder, precision=precision)
        steps = trained(tuned, rows, dev, folder, epochs=1, recompute=recompute, precision=precision)
        assert lower_module.ANEW not in steps[0].notes
        losses.append([step.loss for step in steps])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5 if precision == "fp32" else 1e-2)


def test_no_step_works_the_blocks_below_and_judging_works_all(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    tuned, calls = made(checkpoint("OPT")), list[int]()
    keep(tuned, rows, tmp_path)
    below: Any = tuned.net.get_submodule("model.decoder.layers.0.self_attn.q_proj")
    below.register_forward_pre_hook(lambda part, given: calls.append(given[0].shape[1]))
    steps = learn(tuned, rows, dev, [HATE], Checkpoints(tmp_path, {"run": "this"}), batch_size=16, device="cpu", frozen_blocks=1)
    next(steps)
    calls.clear()  # of the proofs before the first step
    counts = []
    for step in steps:
        counts.append((len(calls), step.dev is not None))
        calls.clear()
    assert {bool(called) for called, judged in counts if not judged} == {False}
    assert all(called for called, judged in counts if judged)
    assert len(counts) == 3 * 4 - 1


@pytest.mark.parametrize("kind", ["Llama", "OPT"])
def test_a_run_resumed_from_what_was_kept_ends_with_equal_weights(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path, kind: str, worked: list[int]
) -> None:
    whole = made(checkpoint(kind), dropout=0.1)
    keep(whole, rows, tmp_path / "whole")
    last = trained(whole, rows, dev, tmp_path / "whole")[-1]
    for stop in (1, 4, 6):
        folder = tmp_path / f"stop-{stop}"
        first, again = made(checkpoint(kind), dropout=0.1), made(checkpoint(kind), dropout=0.1)
        keep(first, rows, folder)
        trained(first, rows, dev, folder, stop_after=stop)
        worked.clear()
        keep(again, rows, folder)
        assert not worked
        torch.rand(stop)  # a fresh process is not in the same place of its random numbers
        assert trained(again, rows, dev, folder)[-1].loss == last.loss
        assert all(torch.equal(weights(again)[name], tensor) for name, tensor in weights(whole).items()), stop


def recipe_of(**train: Any) -> dict[str, Any]:
    return {
        "data": {"name": "demo"},
        "split": {"name": "official"},
        "text": {"max_tokens": 32, "overlap_tokens": 8},
        "model": {"name": "scratch", "layers": 2, "width": 16, "heads": 2, "max_tokens": 32},
        "tuning": {"name": "full"},
        "train": {"epochs": 1, "batch_size": 64, "device": "cpu", "frozen_blocks": 1, **train},
    }


def test_a_recipe_says_what_is_kept_and_keeps_it_no_longer_than_its_run(tmp_path: Path) -> None:
    said, there = list[str](), list[bool]()

    def note(event: object) -> None:
        there.append((tmp_path / "run" / "checkpoints" / NAME / NUMBERS).is_file())
        if isinstance(event, Stage):
            said.append(f"{event.name} {event.detail}")

    train(recipe_of(), tmp_path / "run", on_event=note)
    assert any(line.startswith("keeping what enters block 1, of ") for line in said)
    assert any(there)
    assert not (tmp_path / "run" / "checkpoints" / NAME).exists()
    said.clear()
    train(recipe_of(), tmp_path / "run", resume=True, on_event=note)
    assert not any(line.startswith("keeping") for line in said), "a finished run needs it no more"
    frozen = load_file(tmp_path / "run" / "bundle" / "model.safetensors")
    assert any(name.startswith("model.layers.0.") for name in frozen)


@pytest.mark.parametrize("blocks", [2, -1])
def test_more_blocks_than_there_are_is_told_before_any_data_is_read(
    blocks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hatetinyllm.training.material.load_dataset", lambda *_, **__: pytest.fail("the data was read"))
    with pytest.raises(HateTinyLLMError, match="frozen_blocks"):
        train(recipe_of(frozen_blocks=blocks), tmp_path / "run")


SLOWLY = """
import sys, time
from pathlib import Path
from tests.training.conftest import make_rows
from tests.training.test_lower import keep, made
from hatetinyllm.training import lower
real, lower.BATCH_TOKENS = lower._work, 50
def slowly(net, rows, about, stream):
    for done in real(net, rows, about, stream):
        stream.flush()
        yield done
        time.sleep(0.2)
lower._work = slowly
keep(made(Path(sys.argv[1])), make_rows(64, seed=1), Path(sys.argv[2]))
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is posix")
def test_a_kill_while_it_is_written_leaves_nothing_that_is_trusted(checkpoint: Checkpoint, rows: Rows, tmp_path: Path) -> None:
    folder, root = checkpoint("Llama"), Path(__file__).parents[2]
    own = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, folder, tmp_path], cwd=root, env=own)
    until = time.monotonic() + 60
    while not any(path.stat().st_size for path in tmp_path.glob(f".*/{NUMBERS}")):
        assert time.monotonic() < until, "it never began to write"
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / NAME).exists()
    assert "once for all epochs" in keep(made(folder), rows, tmp_path)[0]
    assert (tmp_path / NAME / NUMBERS).stat().st_size == sum(rows.lengths) * 32 * 4
