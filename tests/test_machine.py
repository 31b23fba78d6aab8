"""What a process may use is the least of all limits, and cards are read from NVIDIA's own list."""

import subprocess
from pathlib import Path

import pytest

from hatetinyllm import machine
from hatetinyllm.machine import Gpu, Machine, this_machine

LIST = "0, GPU-aa, NVIDIA A, 40960\n1, GPU-bb, NVIDIA B, 81920\n2, GPU-cc, NVIDIA C, [N/A]\n"


def test_this_machine_has_memory_and_a_core() -> None:
    here = this_machine()
    assert here.memory > 2**26
    assert here.cores >= 1


def test_the_least_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_physical_memory", lambda: 64 * 2**30)
    monkeypatch.setattr(machine, "_address_limit", lambda: 0)
    monkeypatch.setattr(machine, "_group_memory", lambda: iter([2**63, 8 * 2**30]))
    monkeypatch.setattr(machine, "_visible_cores", lambda: 16)
    monkeypatch.setattr(machine, "_group_cores", lambda: iter([2]))
    assert this_machine().memory == 8 * 2**30
    assert this_machine().cores == 2


def test_the_limits_of_groups_are_read_upwards(tmp_path: Path) -> None:
    membership = tmp_path / "cgroup"
    membership.write_text("0::/job/step\n", encoding="utf-8")
    groups = tmp_path / "groups"
    (groups / "job" / "step").mkdir(parents=True)
    (groups / "job" / "step" / "memory.max").write_text("max\n", encoding="utf-8")
    (groups / "job" / "memory.max").write_text("4096\n", encoding="utf-8")
    (groups / "job" / "cpu.max").write_text("150000 100000\n", encoding="utf-8")
    (groups / "cpu.max").write_text("max 100000\n", encoding="utf-8")
    assert list(machine._group_memory(groups, membership)) == [4096]
    assert list(machine._group_cores(groups, membership)) == [2]


def test_the_first_version_of_groups_is_read_too(tmp_path: Path) -> None:
    membership = tmp_path / "cgroup"
    membership.write_text("5:memory:/outside\n3:cpu,cpuacct:/\n", encoding="utf-8")
    (tmp_path / "groups" / "memory").mkdir(parents=True)
    (tmp_path / "groups" / "memory" / "memory.limit_in_bytes").write_text("8192\n", encoding="utf-8")
    assert list(machine._group_memory(tmp_path / "groups", membership)) == [8192]


def test_no_groups_mean_no_limit(tmp_path: Path) -> None:
    assert list(machine._group_memory(tmp_path, tmp_path / "missing")) == []


@pytest.mark.parametrize(
    ("visible", "names"), [(None, ["NVIDIA A", "NVIDIA B"]), ("1", ["NVIDIA B"]), ("GPU-aa", ["NVIDIA A"]), ("", [])]
)
def test_only_visible_cards_are_listed(monkeypatch: pytest.MonkeyPatch, visible: str | None, names: list[str]) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr(machine.shutil, "which", lambda name: name)
    monkeypatch.setattr(machine.subprocess, "run", lambda *given, **options: subprocess.CompletedProcess(given, 0, LIST, ""))
    assert [gpu.name for gpu in machine._gpus()] == names


def test_a_tool_that_fails_means_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object, **options: object) -> None:
        raise subprocess.CalledProcessError(9, "nvidia-smi")

    monkeypatch.setattr(machine.shutil, "which", lambda name: name)
    monkeypatch.setattr(machine.subprocess, "run", fail)
    assert machine._gpus() == ()


def test_the_largest_card_is_what_a_model_must_fit() -> None:
    cards = (Gpu(name="a", memory=5), Gpu(name="b", memory=9))
    assert Machine(memory=1, cores=1, gpus=cards).gpu_memory == 9
    assert Machine(memory=1, cores=1).gpu_memory == 0
