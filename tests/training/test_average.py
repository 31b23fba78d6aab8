"""The mean of the weights is what its formula says, is judged and saved in their place, and never disturbs how they learn."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.hub import load
from hatetinyllm.training.average import Average, average_of
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.judge import judge_rows
from hatetinyllm.training.loop import Step, learn
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned, learning, tune
from hatetinyllm.types import Choice, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
OPTIONS = {"epochs": 2, "batch_size": 16, "learning_rate": 1e-2, "save_every": 1, "keep": 99, "device": "cpu"}


def made(folder: Path) -> Tuned:
    torch.manual_seed(0)
    return tune(load(2, id=str(folder)).net, Choice(name="lora", options={"rank": 4, "dropout": 0.1}))


def run(tuned: Tuned, rows: Rows, dev: Rows, folder: Path, **options: object) -> list[Step]:
    return list(learn(tuned, rows, dev, [HATE], Checkpoints(folder, {}), **{**OPTIONS, **options}))  # type: ignore[arg-type]


def saved(folder: Path, step: int, kind: str) -> dict[str, torch.Tensor]:
    tensors = load_file(folder / f"step-{step:08d}" / "state.safetensors")
    return {name.removeprefix(kind): tensor for name, tensor in tensors.items() if name.startswith(kind)}


@pytest.mark.parametrize("decay", [0.1, 0.999])
def test_the_mean_is_what_its_formula_says(decay: float) -> None:
    weight = nn.Parameter(torch.tensor([1.0]))
    average, expected = Average({"w": weight}, decay), 1.0
    for step, value in enumerate([3.0, -2.0, 5.0, 0.5], start=1):
        weight.data.fill_(value)
        average.follow(step)
        share = min(decay, (1 + step) / (10 + step))
        expected = share * expected + (1 - share) * value
    assert float(average.weights["w"]) == pytest.approx(expected)


def test_the_mean_is_laid_for_a_while_or_for_good() -> None:
    weight = nn.Parameter(torch.tensor([1.0, 4.0]))
    average = Average({"w": weight}, 0.5)
    weight.data.fill_(7.0)
    with average.laid():
        assert weight.tolist() == [1.0, 4.0]
    assert weight.tolist() == [7.0, 7.0]
    assert average.weights["w"].tolist() == [1.0, 4.0]
    average.swap()
    assert weight.tolist() == [1.0, 4.0]


def test_without_a_decay_nothing_is_held_and_the_weights_are_kept() -> None:
    weight = nn.Parameter(torch.tensor([1.0]))
    average = Average({"w": weight}, 0.0)
    weight.data.fill_(2.0)
    average.follow(1)
    assert not average.held
    assert average.weights["w"] is weight


def test_the_weights_learn_as_they_would_alone(checkpoint: Callable[[str], Path], rows: Rows, dev: Rows, tmp_path: Path) -> None:
    plain = run(made(checkpoint("Llama")), rows, dev, tmp_path / "plain")
    averaged = run(made(checkpoint("Llama")), rows, dev, tmp_path / "mean", averaging=0.9)
    assert [step.loss for step in averaged] == [step.loss for step in plain]
    alone, beside = (saved(tmp_path / name, 8, "weight/") for name in ("plain", "mean"))
    assert all(torch.equal(beside[name], tensor) for name, tensor in alone.items())
    assert not saved(tmp_path / "plain", 8, "mean/")


def test_the_mean_of_the_steps_is_judged_and_saved(
    checkpoint: Callable[[str], Path], rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    tuned = made(checkpoint("Llama"))
    begun = {name: parameter.detach().clone() for name, parameter in learning(tuned.net).items()}
    steps = run(tuned, rows, dev, tmp_path, averaging=0.9, judge_every=8)
    mean = begun
    for step in range(1, 9):
        share = min(0.9, (1 + step) / (10 + step))
        mean = {name: share * mean[name] + (1 - share) * tensor for name, tensor in saved(tmp_path, step, "weight/").items()}
    for name, parameter in learning(tuned.net).items():
        torch.testing.assert_close(parameter.detach(), mean[name])
        assert not torch.equal(parameter, saved(tmp_path, 8, "weight/")[name])
    assert judge_rows(tuned.net, dev, [HATE], name="dev") == steps[-1].dev


def test_without_a_dev_part_the_mean_is_saved_too(
    checkpoint: Callable[[str], Path], rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    none = Rows(examples=(), windows=(), truth=dev.truth, left_out=0, cut=0)
    tuned = made(checkpoint("Llama"))
    run(tuned, rows, none, tmp_path, averaging=0.9)
    mean = saved(tmp_path, 8, "mean/")
    assert all(torch.equal(parameter, mean[name]) for name, parameter in learning(tuned.net).items())
    again = made(checkpoint("Llama"))
    assert not run(again, rows, none, tmp_path, averaging=0.9)
    assert all(torch.equal(parameter, mean[name]) for name, parameter in learning(again.net).items())


def test_shares_of_weights_are_not_averaged() -> None:
    sharded = SimpleNamespace(sharded=True, learns={})
    with pytest.raises(TrainingError, match="FSDP"):
        average_of(sharded, 0.9)  # type: ignore[arg-type]
    assert not average_of(sharded, 0.0).held  # type: ignore[arg-type]
