"""A signal ends training at the end of a step, and anything else at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hatetinyllm.cli.output import INTERRUPTED
from hatetinyllm.cli.stop import SIGNALS, Stop
from hatetinyllm.training.run import locked


@pytest.mark.parametrize("number", SIGNALS)
def test_a_step_is_finished_first(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Stop() as stop:
        stop.step_done(training=True)
        signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            stop.step_done(training=True)
    assert signal.getsignal(number) is before


def test_elsewhere_it_ends_at_once_and_so_it_does_when_asked_twice() -> None:
    with Stop() as stop:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        stop.step_done(training=True)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_under_nohup_a_closed_terminal_is_not_heard() -> None:
    assert signal.SIGHUP in SIGNALS
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stop() as stop:
            stop.step_done(training=True)
            signal.raise_signal(signal.SIGHUP)
            stop.step_done(training=True)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@contextmanager
def in_terminal(*command: object) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A command in a terminal of its own; closing the number that is given with it hangs the terminal up."""
    import fcntl  # Windows has none
    import termios

    def take() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, *map(str, command)], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=take
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


LISTENER = """
import os, sys, time
from hatetinyllm.cli.stop import Stop

with Stop() as stop:
    try:
        stop.step_done(training=True)
        print("ready", flush=True)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            time.sleep(0.05)
            print("a step", file=sys.stderr, flush=True)
            stop.step_done(training=True)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr, flush=True)
        open(sys.argv[1], "w").write("saved")
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGHUP")
def test_when_the_terminal_is_closed_it_saves_although_nothing_can_be_printed(tmp_path: Path) -> None:
    with in_terminal("-c", LISTENER, tmp_path / "saved") as (process, terminal):
        seen = b""
        while b"a step" not in seen:
            seen += os.read(terminal, 1024)
        os.close(terminal)
        assert process.wait(30) == 0
    assert (tmp_path / "saved").read_text() == "saved"


RECIPE = """
data = {{ name = "demo" }}
split = {{ name = "official" }}
{rest}
"""
ZERO_SHOT = """
model = {{ name = "hub", id = "{model}" }}
zero_shot = {{ batch_tokens = 32, prompts = ["plain", "definition"], device = "cpu" }}
"""
TRAIN = """
model = {{ name = "scratch", layers = 1 }}
tuning = {{ name = "full" }}
train = {{ batch_size = 2, epochs = 20, device = "cpu", save_every = 100000, judge_every = 100000 }}
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGHUP")
@pytest.mark.parametrize(("command", "rest"), [("zero-shot", ZERO_SHOT), ("train", TRAIN)], ids=["zero-shot", "train"])
def test_a_run_whose_terminal_is_closed_can_be_gone_on_with(
    speaker: Callable[..., Path], tmp_path: Path, command: str, rest: str
) -> None:
    recipe, run = tmp_path / "recipe.toml", tmp_path / "run"
    recipe.write_text(RECIPE.format(rest=rest.format(model=speaker("Llama"))), encoding="utf-8")
    with in_terminal("-m", "hatetinyllm", command, recipe, "--out", run) as (process, terminal):
        wait_for(run / "steps.jsonl", process, terminal)
        os.close(terminal)
        assert process.wait(60) == INTERRUPTED
    assert not (run / "results.json").exists()
    if command == "train":
        assert any((run / "checkpoints").glob("step-*"))
    else:
        assert (run / "answers.jsonl").stat().st_size


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGHUP")
def test_reproduce_passes_a_closed_terminal_on_to_its_cells(tmp_path: Path) -> None:
    out, chosen = tmp_path / "out", "tinyllama-lora-dynahate"
    settings = ["sample.rows=160", "text.max_tokens=32", "train.batch_size=2", "train.epochs=9", "train.device=cpu"]
    more = [part for setting in settings for part in ("--set", setting)]
    tiny = ["--tiny", "--split", "paper", "--cell", chosen]
    with in_terminal("-m", "hatetinyllm", "reproduce", *tiny, *more, "--out", out) as (process, terminal):
        (run,) = wait_for(out, process, terminal, name="**/steps.jsonl")
        os.close(terminal)
        assert process.wait(60) == INTERRUPTED
    with locked(run.parent):  # nobody writes there any more
        assert any((run.parent / "checkpoints").glob("step-*"))
    assert not (run.parent / "results.json").exists()


def wait_for(place: Path, process: subprocess.Popen[bytes], terminal: int, *, name: str = "") -> list[Path]:
    """Waits until a log of steps has some, and reads meanwhile what is printed, as a terminal does."""
    os.set_blocking(terminal, False)
    said, until = b"", time.monotonic() + 120
    while True:
        with suppress(OSError):
            said += os.read(terminal, 65536)
        found = [path for path in ([place] if not name else place.glob(name)) if path.is_file()]
        if found and len(found[0].read_bytes().splitlines()) > 1:
            return found
        assert process.poll() is None, said.decode(errors="replace")
        assert time.monotonic() < until, said.decode(errors="replace")
        time.sleep(0.01)


ALONE = """
from hatetinyllm.cli.stop import Stop
import os, signal

with Stop() as stop:
    stop.step_done(training=True)
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)  # a launcher's echo: nothing is cut short by it
    try:
        stop.step_done(training=True)
    except KeyboardInterrupt:
        print("stopped after the step")
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows kills at once")
def test_what_a_launcher_passes_on_again_is_no_second_request() -> None:
    own = {**os.environ, "WORLD_SIZE": "2", "RANK": "0"}
    done = subprocess.run([sys.executable, "-c", ALONE], env=own, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "stopped after the step\n"), done.stderr


@pytest.mark.skipif(os.name != "posix", reason="Windows kills at once")
@pytest.mark.parametrize("sharded", [False, True], ids=["DDP", "FSDP"])
def test_two_processes_stop_together_when_one_is_asked_and_one_process_goes_on(
    tmp_path: Path, two_processes: Callable[..., list[subprocess.Popen[str]]], sharded: bool
) -> None:
    recipe, run = tmp_path / "recipe.toml", tmp_path / "run"
    recipe.write_text(RECIPE.format(rest=TRAIN.format()), encoding="utf-8")
    processes = two_processes("-m", "hatetinyllm", "train", recipe, "--out", run, sharded=sharded)
    until = time.monotonic() + 120
    while steps_of(run) < 3:
        assert [process.poll() for process in processes] == [None, None], processes[0].communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.01)
    processes[1].send_signal(signal.SIGTERM)  # the one that does not write
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [INTERRUPTED, INTERRUPTED], "\n".join(said)
    assert "go on by: hatetinyllm train --resume" in said[0]
    newest = max(int(folder.name.removeprefix("step-")) for folder in (run / "checkpoints").glob("step-*"))
    assert newest == steps_of(run) >= 3
    with in_terminal("-m", "hatetinyllm", "train", "--resume", run) as (process, terminal):
        while steps_of(run) < newest + 2:
            assert process.poll() is None
            os.set_blocking(terminal, False)
            with suppress(OSError):
                os.read(terminal, 65536)
            time.sleep(0.01)
        os.close(terminal)
        assert process.wait(60) == INTERRUPTED


def steps_of(run: Path) -> int:
    """How many steps the log of a run tells of."""
    log = run / "steps.jsonl"
    return log.read_bytes().count(b"\n") if log.is_file() else 0
