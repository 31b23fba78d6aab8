"""`reproduce` lists, runs, stops, goes on, tells what failed, and writes the tables."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.studies.study import open_study

SMALL = ["sample.rows=160", "text.max_tokens=32", 'zero_shot.prompts=["plain"]']
LONGER = ["train.batch_size=2", "train.epochs=2", "train.save_every=10"]  # long enough to be met while it trains


def settings(*more: str) -> list[str]:
    return [part for setting in [*SMALL, *more] for part in ("--set", setting)]


def steps_done(run: Path) -> int:
    try:
        return len((run / "steps.jsonl").read_text().splitlines())
    except OSError:
        return 0


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `reproduce` in a process of its own; one that is left at the end of a test is stopped, and stops its cells."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: object, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "hatetinyllm", "reproduce", *map(str, arguments)]
        # A shell's background job is born deaf to Ctrl-C, and so are its children: this one hears it whoever runs the tests.
        process = subprocess.Popen(
            command, env=dict(environment), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hear
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.terminate()
            process.communicate()


def _hear() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for_steps(run: Path, steps: int, process: subprocess.Popen[str], *, patience_s: float = 600) -> None:
    until = time.monotonic() + patience_s
    while steps_done(run) < steps:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until, "the run never began to train"
        time.sleep(0.02)


@pytest.fixture
def environment(own_cache: Path) -> dict[str, str]:
    """One thread, as the tests themselves have; no data of the developer's own."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "HATETINYLLM_CACHE": str(own_cache)}


def test_the_grid_is_listed_before_it_is_run(call, tmp_path: Path) -> None:
    answer = call("reproduce", "--dry-run", "--out", tmp_path / "out")
    assert answer.code == 0
    assert "40 of 40 runs to do" in answer.out
    assert "hatetinyllm data accept hateval" in answer.out
    assert answer.out.count("to download") >= 4
    assert not (tmp_path / "out").exists()


def test_the_list_is_json_for_programs(call, tmp_path: Path) -> None:
    answer = call("reproduce", "--dry-run", "--honest", "--cell", "phi-2-lora-hateval", "--out", tmp_path, "--json")
    assert [(run["split"], run["seed"]) for run in answer.json["runs"]] == [
        (split, seed) for split in ("paper", "leakfree") for seed in range(42, 47)
    ]
    assert answer.json["models"][0]["name"] == "phi-2"
    assert answer.json["data"] == [{"name": "hateval", "licence": "cc-by-nc-4.0", "agreed": False}]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--cell", "opt-1.3b-lora-dynhate"], "did you mean 'opt-1.3b-lora-dynahate'"),
        (["--table", "IX"], "there is no table 'IX'"),
        (["--on", "davidson"], "it needs --cross"),
        (["--cross", "--on", "davidsson"], "did you mean 'davidson'"),
        (["--honest", "--split", "paper"], "--honest is both splits"),
        (["--models", "nowhere"], "is no folder"),
        (["--set", "train.epoch=1"], "did you mean 'epochs'"),
        (["--seeds", "0"], "--seeds"),
        (["--set", "model.name=scratch"], "--set model.name: a cell is called by it"),
        (["--set", "split.seed=7"], "--set split.seed: --seeds says how many runs there are"),
        (["--cell", "phi-2-lora-dynahate", "--table", "VIII"], "leave out --table VIII"),
        (["--cell", "phi-2-lora-dynahate", "--beyond"], "leave out --beyond"),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_begun(call, tmp_path: Path, wrong: list[str], said: str) -> None:
    answer = call("reproduce", *wrong, "--out", tmp_path / "out", "--json")
    assert answer.code == 2
    assert said in json.dumps(answer.error["problems"]) + answer.error["message"]
    assert not (tmp_path / "out").exists()


def test_consent_is_asked_for_before_anything_is_begun(call, tmp_path: Path) -> None:
    answer = call("reproduce", "--out", tmp_path / "out")
    assert answer.code == 2
    assert "hatetinyllm data accept hateval" in answer.err
    assert not (tmp_path / "out").exists()


def test_a_folder_of_somebody_elses_is_refused(call, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for more in ([], ["--dry-run"]):
        answer = call("reproduce", "--cell", "phi-2-lora-dynahate", "--out", tmp_path, *more)
        assert answer.code == 2
        assert "thesis.txt" in answer.err


def test_a_tiny_study_on_made_up_rows_may_be_asked_for_more_cells_and_for_judging_across(call, tmp_path: Path) -> None:
    with open_study(tmp_path, identity={"nets": "tiny", "rows": {"dynahate": "made up"}}):
        pass
    for more in (["--cell", "phi-2-lora-dynahate"], ["--beyond", "--cross"]):
        answer = call("reproduce", "--tiny", "--dry-run", "--out", tmp_path, *more)
        assert answer.code == 0, answer.err
    real = call("reproduce", "--dry-run", "--out", tmp_path)
    assert real.code == 2
    assert "nets was 'tiny', is now 'real'" in real.err


def test_a_file_is_refused_as_a_folder_before_anything_is_listed(call, tmp_path: Path) -> None:
    (tmp_path / "afile").write_text("mine")
    answer = call("reproduce", "--dry-run", "--cell", "phi-2-lora-dynahate", "--out", tmp_path / "afile")
    assert answer.code == 2
    assert "is a file" in answer.err


def test_across_datasets_the_licences_of_all_of_them_are_listed_and_asked_for(call, tmp_path: Path) -> None:
    asked = ["--cell", "phi-2-lora-dynahate", "--cross", "--on", "davidson", "--out", tmp_path / "out"]
    answer = call("reproduce", "--dry-run", *asked, "--json")
    assert [one["name"] for one in answer.json["data"]] == ["dynahate", "hateval", "davidson"]
    refused = call("reproduce", *asked)
    assert refused.code == 2
    assert "hatetinyllm data accept hateval" in refused.err
    assert not (tmp_path / "out").exists()


def test_cells_that_fail_are_listed_and_the_tables_written(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "fails.py"
    script.write_text("print('error: phi-2 is not on this machine', '  - bring it here', sep='\\n')\nraise SystemExit(2)\n")
    monkeypatch.setattr("hatetinyllm.cli.reproduce._program", lambda: (sys.executable, str(script)))
    out = tmp_path / "out"
    answer = call("reproduce", "--cell", "phi-2-lora-dynahate", "--cell", "phi-2-zero-shot-dynahate", "--out", out)
    assert answer.code == 2
    assert "4 of 4 runs failed" in answer.err
    assert answer.err.count("phi-2 is not on this machine - bring it here") == 4
    assert "0 of 40 cells" in (out / "tables.md").read_text()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_a_part_of_the_grid_is_interrupted_killed_and_gone_on_with_to_the_same_result(
    tmp_path: Path, environment: dict[str, str], started: Callable[..., subprocess.Popen[str]]
) -> None:
    out = tmp_path / "study"
    asked = [
        "--tiny",
        "--out",
        out,
        "--split",
        "paper",
        "--cell",
        "tinyllama-lora-dynahate",
        *settings(*LONGER),
    ]
    run = out / "cells" / "tinyllama-lora-dynahate" / "paper" / "seed-42" / "run"

    interrupted = started(*asked, environment=environment)
    wait_for_steps(run, 3, interrupted)
    interrupted.send_signal(signal.SIGINT)
    _, said = interrupted.communicate(timeout=600)
    assert interrupted.returncode == 130, said
    assert "made-up rows stand in for dynahate" in said
    assert f"the same command goes on: hatetinyllm reproduce ... --out {out}" in said
    done = steps_done(run)
    assert 3 <= done < json.loads((run / "steps.jsonl").read_text().splitlines()[0])["of"]
    assert list((run / "checkpoints").glob(f"step-*{done}")), "what was done was not saved"

    killed = started(*asked, environment=environment)
    wait_for_steps(run, done + 2, killed)
    killed.kill()
    killed.communicate()

    again = started(*asked, "--json", environment=environment)
    answer, said = again.communicate(timeout=600)
    assert again.returncode == 0, said
    resumed = json.loads(answer)["cells"][0]
    numbers = [json.loads(line)["number"] for line in (run / "steps.jsonl").read_text().splitlines()]
    assert numbers == list(range(1, numbers[-1] + 1))
    assert resumed["results"] == in_one_go(out, tmp_path / "whole", environment)
    assert "TINY RANDOM NETS" in (out / "tables.md").read_text()


def in_one_go(out: Path, folder: Path, environment: dict[str, str]) -> Any:
    """The results of the same recipe, followed without a break."""
    recipe = out / "cells" / "tinyllama-lora-dynahate" / "paper" / "seed-42" / "recipe.toml"
    command = [sys.executable, "-m", "hatetinyllm", "train", str(recipe), "--out", str(folder), "--baseline", "--json"]
    environment = {**environment, "HATETINYLLM_MODELS": str(out / "tiny-models")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["results"]


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_the_whole_grid_runs_on_real_rows_interrupted_once_and_lands_in_every_table(
    tmp_path: Path, environment: dict[str, str], real_data: Path, started: Callable[..., subprocess.Popen[str]]
) -> None:
    out = tmp_path / "study"
    environment = {**environment, "HATETINYLLM_DATA": str(real_data), "HATETINYLLM_ACCEPT": "hateval"}
    asked = ["--tiny", "--beyond", "--cross", "--jobs", "2", "--out", out]
    first = started(*asked, environment=environment)
    wait_for_steps(out / "cells" / "tinyllama-lora-dynahate" / "paper" / "seed-42" / "run", 5, first, patience_s=1200)
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=600)
    assert first.returncode == 130, said
    assert "stand in" not in said
    again = started(*asked, "--json", environment=environment)
    answer, said = again.communicate(timeout=1800)
    assert again.returncode == 0, said
    cells = json.loads(answer)["cells"]
    assert len(cells) == 60
    assert all(cell["tiny"] for cell in cells)
    tables = (out / "tables.md").read_text(encoding="utf-8")
    assert "40 of 40 cells" in tables
    assert tables.count("TINY RANDOM NETS") >= 12
    assert len(list((out / "cross").rglob("*.json"))) == 18 * 2 * 2
