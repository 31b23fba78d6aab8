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

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.hub import load
from hatetinyllm.models.lower import freeze_below
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.models.packing import Packing, pack
from hatetinyllm.training import lower as lower_module
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.lower import ABOUT, NAME, NUMBERS, Lower, drop_lower, keep_lower, lower_of
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned, tune
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX"]


def made(folder: Path, count: int = 1) -> Tuned:
    torch.manual_seed(0)
    tuned = tune(load(2, id=str(folder)).net, Choice(name="lora", options={"rank": 4}))
    freeze_below(tuned.net, count)
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
    calls, real = list[int](), lower_module.entering

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
    monkeypatch.setattr(lower_module.shutil, "disk_usage", lambda place: type("Usage", (), {"free": 1000})())
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
