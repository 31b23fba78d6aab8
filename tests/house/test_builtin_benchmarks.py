"""The benchmarks of the built-in decoder, proved on made-up rows: cut off and gone on with, and honest about what was read."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.models import hub, scratch
from hatetinyllm.models.language import as_language, save_language

SETTINGS = ("--set", "train.epochs=1")


@pytest.fixture
def benchmark(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(root / "benchmarks")
    return importlib.import_module


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny decoder as pretraining leaves it."""
    folder = tmp_path_factory.mktemp("decoder")
    model = scratch.load(2, layers=1, width=16, heads=2, max_tokens=64)
    save_language(as_language(model), model.tokenizer, folder)
    return folder


def words(decoder: Path, folder: Path) -> list[str]:
    return ["--tiny", "--decoder", str(decoder), "--runs", str(folder / "runs"), "--out", str(folder / "out.json"), *SETTINGS]


def stored(folder: Path) -> Any:
    return json.loads((folder / "out.json").read_text(encoding="utf-8"))


def test_folds_are_gone_on_with_and_paired(benchmark, decoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folds = benchmark("folds")
    whole = folds.measure

    def cut_off(experiment: Any, seed: int, *given: Any) -> Any:
        if seed == 43:
            raise KeyboardInterrupt
        return whole(experiment, seed, *given)

    with monkeypatch.context() as patch:
        patch.setattr(folds, "measure", cut_off)
        with pytest.raises(KeyboardInterrupt):
            folds.main([*words(decoder, tmp_path), "hateval", "--folds", "2"])
    before = {path: path.read_bytes() for path in (tmp_path / "runs").glob("*.json")}
    assert len(before) == 1
    assert folds.main([*words(decoder, tmp_path), "hateval", "--folds", "2"]) == 0
    assert all(path.read_bytes() == content for path, content in before.items())
    found = stored(tmp_path)["hateval"]
    assert [one["seed"] for one in found["folds"]] == [42, 43]
    assert found["begins_from"] == "its decoder"
    assert found["pooled"]["rows"] == sum(one["test"] for one in found["folds"])
    macro = next(one for one in found["pooled"]["differences"] if one["metric"] == "macro_f1")
    assert macro["interval"]["low"] <= macro["difference"] <= macro["interval"]["high"]
    assert "pooled_of_rows_never_read" not in found
    assert "only_one" not in found["pooled"]


def test_rows_that_were_read_in_pretraining_are_told_from_the_others(benchmark, decoder: Path, tmp_path: Path) -> None:
    folds = benchmark("folds")
    assert folds.main([*words(decoder, tmp_path), "dynahate"]) == 0
    found = stored(tmp_path)["dynahate"]
    (fold,) = found["folds"]
    assert fold["how"].startswith("grouped (test 0.2, dev 0,")
    assert 0 < fold["unread"] < fold["test"]
    assert found["pooled_of_rows_never_read"]["rows"] == fold["unread"]
    (kept,) = (tmp_path / "runs").glob("*.json")
    one = folds.Fold(**json.loads(kept.read_text(encoding="utf-8")))
    parts = folds.parted(folds.replace(folds.EXPERIMENTS["dynahate"], data="demo"), 42)[2]
    assert {part for id, part in parts.items() if id in one.ids} == {"test"}
    assert list(parts.values()).count("dev") > 10
    assert "demo" not in kept.read_text(encoding="utf-8").replace("demo-", "")


def test_the_same_row_of_two_folds_is_its_own_kin(benchmark) -> None:
    folds = benchmark("folds")
    ids = [str(row) for row in range(40)]
    scores = {"built-in": [float(row % 2) for row in range(40)], "TF-IDF": [float(row % 4 > 1) for row in range(40)]}
    same = {
        "how": "",
        "train": 1,
        "ids": ids,
        "truth": [row % 2 for row in range(40)],
        "groups": list(range(40)),
        "scores": scores,
    }
    one, two = (folds.Fold(seed=seed, unread=[True] * 40, **same) for seed in (42, 43))
    once, twice = folds.compared([one]), folds.compared([one, two])
    assert twice["rows"] == 2 * once["rows"]
    widths = [found["differences"][0]["interval"]["high"] - found["differences"][0]["interval"]["low"] for found in (once, twice)]
    assert widths[0] == pytest.approx(widths[1], abs=0.02)


def test_both_beginnings_are_taught_alike(benchmark, decoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretrained = benchmark("pretrained")
    monkeypatch.setattr(pretrained, "SEEDS", (42, 43))
    assert pretrained.main(words(decoder, tmp_path)) == 0
    found = stored(tmp_path)
    ours, theirs = (found["dev_macro_f1"][name] for name in ("pretrained", "random"))
    assert found["difference"]["mean"] == pytest.approx(np.mean(ours) - np.mean(theirs), abs=1e-3)
    assert found["difference"]["low"] < found["difference"]["high"]
    monkeypatch.setattr(pretrained, "trained", None)  # a second time nothing is taught
    assert pretrained.main(words(decoder, tmp_path)) == 0
    assert stored(tmp_path) == found


def test_the_net_of_random_weights_has_the_decoders_shape(benchmark, decoder: Path) -> None:
    options = benchmark("pretrained").random_like(decoder, 7)
    assert options.pop("name") == "scratch"
    ours, theirs = hub.load(2, id=str(decoder)).net.state_dict(), scratch.load(2, **options).net.state_dict()
    assert {name: tensor.shape for name, tensor in ours.items()} == {name: tensor.shape for name, tensor in theirs.items()}
    assert not torch.equal(ours["model.embed_tokens.weight"], theirs["model.embed_tokens.weight"])


def test_welchs_interval_holds_the_difference(benchmark) -> None:
    found = benchmark("pretrained").difference([0.74, 0.75, 0.76], [0.70, 0.71, 0.72])
    assert found == {"mean": 0.04, "error": 0.0082, "low": 0.0173, "high": 0.0627}


@pytest.mark.parametrize("name", ["folds", "pretrained"])
def test_tiny_figures_never_go_where_results_stand(benchmark, name: str) -> None:
    with pytest.raises(SystemExit):
        benchmark(name).main(["--tiny"])


def test_without_a_decoder_that_is_told(benchmark, tmp_path: Path) -> None:
    with pytest.raises(HateTinyLLMError, match="no decoder to begin from"):
        benchmark("builtin_decoder").decoder_folder(tmp_path)


def test_a_run_of_another_recipe_or_decoder_is_another_one_wherever_it_lies(benchmark) -> None:
    key = benchmark("builtin_decoder").key_of
    given = {"model": {"name": "hub", "id": "here"}, "train": {"epochs": 1}}
    assert key(given, "w") == key({**given, "model": {"name": "hub", "id": "there"}}, "w")
    assert len({key(given, "w"), key(given, "v"), key({**given, "train": {"epochs": 2}}, "w")}) == 3
