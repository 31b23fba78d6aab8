"""The benchmark of graphics cards, proved without one: tiny shapes on the CPU, cut off and gone on with."""

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
import torch

CELLS = [
    ("opt-1.3b", "lora", "Trainer, padded to 128"),
    ("opt-1.3b", "lora", "packed, batches of 8"),
    ("phi-2", "houlsby", "forward, bf16"),
]
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def gpu(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = spec_from_file_location("gpu", root / "benchmarks" / "gpu.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.syspath_prepend(root / "benchmarks")  # where a script finds its page
    monkeypatch.setitem(sys.modules, "gpu", module)
    spec.loader.exec_module(module)
    for home in (module, sys.modules["gpu_page"]):
        monkeypatch.setattr(home, "cells", lambda: iter(CELLS))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return module


def command(gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["gpu.py", *map(str, words)])
    code: int = gpu.main()
    return code


def test_a_run_that_is_cut_off_keeps_what_it_has_and_the_next_goes_on(gpu, tmp_path: Path, monkeypatch) -> None:
    whole = gpu.measure

    def cut_off(setting, model: str, tuning: str, work: str) -> dict:
        if model == "phi-2":
            raise KeyboardInterrupt
        return whole(setting, model, tuning, work)

    with monkeypatch.context() as patch:
        patch.setattr(gpu, "measure", cut_off)
        with pytest.raises(KeyboardInterrupt):
            command(gpu, monkeypatch, "--tiny", "--out", tmp_path)
    kept = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))["figures"]
    assert "Not measured yet: 1 of 3" in (tmp_path / "gpu.md").read_text(encoding="utf-8")
    assert command(gpu, monkeypatch, "--tiny", "--out", tmp_path) == 0
    figures = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))["figures"]
    assert [(one["model"], one["tuning"], one["work"]) for one in figures] == CELLS
    assert figures[:2] == kept
    assert all(one["texts_per_s"] > 0 and one["learn"] > 0 for one in figures)
    assert all(0 < one["share"] < 1 for one in kept)
    page = (tmp_path / "gpu.md").read_text(encoding="utf-8")
    assert "| phi-2 | houlsby | forward, bf16 |" in page
    assert "Tiny shapes" in page
    assert "Not measured yet" not in page
    assert "Texts were parted: opt-1.3b by htl_seg" in page
    assert "opt-1.3b: 1.10 h in the paper" in page


def test_no_figure_is_begun_once_the_time_is_over(gpu, tmp_path: Path, monkeypatch, capsys) -> None:
    assert command(gpu, monkeypatch, "--tiny", "--out", tmp_path, "--minutes", "-1") == 0
    assert "3 figures are not measured yet: run it again" in capsys.readouterr().out
    assert not (tmp_path / "gpu.json").exists()


def test_a_card_that_is_too_small_is_a_line_of_the_page(gpu, tmp_path: Path, monkeypatch) -> None:
    def too_much(*given: object) -> dict:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(gpu, "_measured", too_much)
    command(gpu, monkeypatch, "--tiny", "--out", tmp_path)
    assert "| out of memory |" in (tmp_path / "gpu.md").read_text(encoding="utf-8")


def test_without_a_card_the_page_says_so_and_older_figures_stay(gpu, tmp_path: Path, monkeypatch) -> None:
    command(gpu, monkeypatch, "--out", tmp_path)
    assert "there was no CUDA card" in (tmp_path / "gpu.md").read_text(encoding="utf-8")
    assert not (tmp_path / "gpu.json").exists()
    command(gpu, monkeypatch, "--tiny", "--out", tmp_path)
    measured = (tmp_path / "gpu.md").read_text(encoding="utf-8")
    command(gpu, monkeypatch, "--out", tmp_path)
    assert (tmp_path / "gpu.md").read_text(encoding="utf-8") == measured


def test_tiny_figures_never_go_where_results_stand(gpu, monkeypatch) -> None:
    with pytest.raises(SystemExit):
        command(gpu, monkeypatch, "--tiny")


def test_the_shapes_are_the_real_ones_unless_tiny(gpu) -> None:
    with torch.device("meta"):
        net = gpu.build(gpu.Setting(device=torch.device("meta"), tiny=False, texts=1, seconds=0), "tinyllama", "lora")
    assert sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad) == 206_848


def test_the_committed_page_is_the_benchmarks_own(gpu, root: Path) -> None:
    page = (root / "docs" / "results" / "gpu.md").read_text(encoding="utf-8")
    assert "Written by `python benchmarks/gpu.py`" in page
    assert sys.modules["gpu_page"].HOW in page
