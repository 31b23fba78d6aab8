"""The loop learns, stops, resumes bit for bit, and gives the same gradients however a batch is worked."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.hub import load
from hatetinyllm.training import step as step_module
from hatetinyllm.training.bench import Bench
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.heads import answers_of
from hatetinyllm.training.judge import judge_rows
from hatetinyllm.training.loop import Step, learn
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned, learning, tune
from hatetinyllm.types import Choice, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
TARGET = Head(name="target", labels=("women", "muslims"), many=True)
Checkpoint = Callable[[str], Path]
OPTIONS = {"epochs": 2, "batch_size": 16, "learning_rate": 1e-2, "save_every": 3, "device": "cpu"}


def made(folder: Path, *, dropout: float = 0.1, n_labels: int = 2) -> Tuned:
    torch.manual_seed(0)
    net = load(n_labels, id=str(folder)).net
    return tune(net, Choice(name="lora", options={"rank": 4, "dropout": dropout}))


def weights(tuned: Tuned) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in learning(tuned.net).items()}


def run(tuned: Tuned, rows: Rows, dev: Rows, folder: Path, *, stop_after: int | None = None, **options: object) -> list[Step]:
    """Train, or walk away after so many steps, as a kill would."""
    steps = []
    for step in learn(tuned, rows, dev, [HATE], Checkpoints(folder, {"run": "this"}), **{**OPTIONS, **options}):
        steps.append(step)
        if stop_after == len(steps):
            break
    return steps


def test_it_learns_and_keeps_the_best_weights(checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path) -> None:
    tuned = made(checkpoint("Llama"))
    steps = run(tuned, rows, dev, tmp_path, epochs=12)
    judged = [step.dev.metrics["macro_f1"] for step in steps if step.dev]
    assert len(judged) == 12
    assert max(judged) > 0.9 > judged[0]
    assert judge_rows(tuned.net, dev, [HATE], name="dev").metrics["macro_f1"] == max(judged)
    assert [step.number for step in steps] == list(range(1, 49))
    assert steps[0].epoch == 1
    assert steps[-1].epoch == 12
    assert steps[-1].learning_rate < steps[0].learning_rate * 12


@pytest.mark.parametrize("kind", ["Llama", "OPT"])
def test_a_run_resumed_after_any_step_ends_with_equal_weights(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path, kind: str
) -> None:
    whole = made(checkpoint(kind))
    steps = run(whole, rows, dev, tmp_path / "whole")
    for stop in range(1, len(steps)):
        folder = tmp_path / f"stop-{stop}"
        run(made(checkpoint(kind)), rows, dev, folder, stop_after=stop)
        again = made(checkpoint(kind))
        torch.rand(stop)  # a fresh process is not in the same place of its random numbers
        rest = run(again, rows, dev, folder)
        assert rest[-1].loss == steps[-1].loss
        assert weights(again).keys() == weights(whole).keys()
        assert all(torch.equal(weights(again)[name], tensor) for name, tensor in weights(whole).items()), stop


@pytest.mark.parametrize("kind", ["Llama", "OPT", "Phi"])
@pytest.mark.parametrize(
    "options",
    [
        {"layout": "padded"},
        {"batch_tokens": 90, "parts": 2},
        {"precision": "bf16-frozen", "recompute": True},
        {"layer_rate": 0.5, "focal": 2.0, "smoothing": 0.1, "label_weights": "balanced"},
        {"averaging": 0.8, "judge_every": 3},
    ],
    ids=lambda options: "-".join(options),
)
def test_a_run_with_other_options_goes_on_bit_for_bit_too(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path, kind: str, options: dict[str, object]
) -> None:
    whole, again = made(checkpoint(kind)), made(checkpoint(kind))
    steps = run(whole, rows, dev, tmp_path / "whole", **options)
    run(made(checkpoint(kind)), rows, dev, tmp_path / "cut", stop_after=5, **options)
    torch.rand(5)
    rest = run(again, rows, dev, tmp_path / "cut", **options)
    assert [(step.number, step.loss, step.of) for step in rest] == [(step.number, step.loss, step.of) for step in steps[5:]]
    assert all(torch.equal(weights(again)[name], tensor) for name, tensor in weights(whole).items())


def test_a_budget_of_tokens_is_judged_at_the_end_of_each_epoch(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    steps = run(made(checkpoint("Llama")), rows, dev, tmp_path, epochs=3, batch_tokens=70)
    assert max(step.tokens for step in steps) <= 70
    assert [sum(step.texts for step in steps if step.epoch == epoch) for epoch in (1, 2, 3)] == [len(rows)] * 3
    last = [max(step.number for step in steps if step.epoch == epoch) for epoch in (1, 2, 3)]
    assert [step.number for step in steps if step.dev] == last
    assert {step.of for step in steps} == {last[-1]} == {len(steps)}


def test_memory_that_ran_out_once_is_remembered_by_a_run_that_is_gone_on_with(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_piece = step_module._work_piece

    def scarce(bench: Bench, piece: list[int], batch: list[int]) -> torch.Tensor:
        if len(piece) > 10:
            raise torch.OutOfMemoryError("out of memory")
        return work_piece(bench, piece, batch)

    def train(folder: str, **options: object) -> tuple[list[Step], Tuned]:
        tuned = made(checkpoint("Llama"))
        with monkeypatch.context() as patch:
            patch.setattr(step_module, "_work_piece", scarce)
            return run(tuned, rows, dev, tmp_path / folder, **options), tuned  # type: ignore[arg-type]

    steps, whole = train("whole")
    assert [len(step.notes) for step in steps] == [1] + [0] * 7
    assert steps[0].notes[0].startswith("memory ran out at step 1: a batch is worked in 2 parts from now on")
    train("cut", stop_after=3)
    rest, again = train("cut")
    assert [step.loss for step in rest] == [step.loss for step in steps[3:]]
    assert not any(step.notes for step in rest)
    assert all(torch.equal(weights(again)[name], tensor) for name, tensor in weights(whole).items())


def test_what_a_user_must_know_of_the_run_stands_at_its_first_step(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    tuned = made(checkpoint("Llama"))
    before = {name: part.detach().clone() for name, part in tuned.net.named_parameters() if not part.requires_grad}
    steps = run(tuned, rows, dev, tmp_path, precision="bf16-frozen")
    assert [len(step.notes) for step in steps] == [1] + [0] * 7
    assert "of 64 texts logits change by at most" in steps[0].notes[0]
    after = dict(tuned.net.named_parameters())
    assert all(torch.equal(after[name], part) for name, part in before.items())
    assert judge_rows(tuned.net, dev, [HATE], name="dev").rows == len(dev)


def test_a_step_says_what_it_was_of(checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path) -> None:
    packed, padded = (
        run(made(checkpoint("Llama"), dropout=0.0), rows, dev, tmp_path / layout, layout=layout)
        for layout in ("packed", "padded")
    )
    for one, other in zip(packed, padded, strict=True):
        assert (one.texts, one.tokens) == (other.texts, other.tokens)
        assert one.loss == pytest.approx(other.loss, rel=1e-4)
        assert 0 < one.flops < other.flops  # the last block is worked for the last tokens only
        assert one.seconds > 0
    assert sum(step.tokens for step in packed) == 2 * sum(rows.lengths)


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    whole = made(checkpoint("Llama"))
    run(whole, rows, dev, tmp_path / "whole")
    run(made(checkpoint("Llama")), rows, dev, tmp_path / "cut", stop_after=6)
    newest = sorted((tmp_path / "cut").glob("step-*"))[-1]
    content = bytearray((newest / "state.safetensors").read_bytes())
    content[-1] ^= 1
    (newest / "state.safetensors").write_bytes(content)
    again = made(checkpoint("Llama"))
    rest = run(again, rows, dev, tmp_path / "cut")
    assert rest[0].number <= int(newest.name.removeprefix("step-"))
    assert all(torch.equal(weights(again)[name], tensor) for name, tensor in weights(whole).items())


def test_a_finished_run_has_nothing_left_to_do(checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path) -> None:
    first, again = made(checkpoint("Llama")), made(checkpoint("Llama"))
    run(first, rows, dev, tmp_path)
    assert run(again, rows, dev, tmp_path) == []
    assert all(torch.equal(weights(again)[name], tensor) for name, tensor in weights(first).items())


def test_a_checkpoint_of_another_run_is_refused_with_what_differs(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    run(made(checkpoint("Llama")), rows, dev, tmp_path, stop_after=5)
    with pytest.raises(TrainingError, match="belongs to another run") as caught:
        next(learn(made(checkpoint("Llama")), rows, dev, [HATE], Checkpoints(tmp_path, {"run": "that"}), **OPTIONS))
    assert caught.value.problems == ("run is another than it was",)


@pytest.mark.parametrize("parts", [2, 5, 16])
def test_parts_of_a_batch_add_up_to_the_batch(checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path, parts: int) -> None:
    whole, parted = made(checkpoint("Llama"), dropout=0.0), made(checkpoint("Llama"), dropout=0.0)
    options = {"epochs": 1, "label_weights": "balanced", "clip_norm": 0.1}
    losses = [step.loss for step in run(whole, rows, dev, tmp_path / "whole", **options)]
    found = [step.loss for step in run(parted, rows, dev, tmp_path / "parted", parts=parts, **options)]
    assert found == pytest.approx(losses, rel=1e-4)
    for name, tensor in weights(whole).items():
        assert weights(parted)[name] == pytest.approx(tensor, abs=2e-3), name


def test_patience_ends_a_run_that_gets_no_better(checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path) -> None:
    steps = run(made(checkpoint("Llama")), rows, dev, tmp_path, epochs=50, learning_rate=1e-9, patience=2)
    assert len(steps) == 3 * 4
    assert run(made(checkpoint("Llama")), rows, dev, tmp_path, epochs=50, learning_rate=1e-9, patience=2) == []


def test_a_loss_that_is_no_number_names_the_rows_and_keeps_the_last_checkpoint(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    tuned = made(checkpoint("Llama"))
    steps = learn(tuned, rows, dev, [HATE], Checkpoints(tmp_path, {}), **OPTIONS)
    for _ in range(4):
        next(steps)
    with torch.no_grad():
        learning(tuned.net)["score.modules_to_save.default.weight"].fill_(torch.nan)
    with pytest.raises(TrainingError, match="the loss is nan at step 5") as caught:
        next(steps)
    assert caught.value.problems[0].startswith("rows of the batch: ")
    assert [folder.name for folder in sorted(tmp_path.glob("step-*"))] == ["step-00000003", "step-00000004"]


def test_old_checkpoints_are_deleted_and_the_best_weights_kept(
    checkpoint: Checkpoint, rows: Rows, dev: Rows, tmp_path: Path
) -> None:
    run(made(checkpoint("Llama")), rows, dev, tmp_path, epochs=4, save_every=1, keep=2)
    assert len(list(tmp_path.glob("step-*"))) == 2
    assert 1 <= len(list(tmp_path.glob("best-*"))) <= 2


def test_heads_beside_the_headline_learn_from_the_rows_that_answer_them(
    checkpoint: Checkpoint, rows: Rows, tmp_path: Path
) -> None:
    heads = [HATE, TARGET]
    silent = [
        example if index % 4 else type(example)(text="a", id=example.id, labels={}) for index, example in enumerate(rows.examples)
    ]
    both = Rows(examples=tuple(silent), windows=rows.windows, truth=answers_of(silent, heads), left_out=0, cut=0)
    tuned = made(checkpoint("Llama"), n_labels=4)
    steps = list(learn(tuned, both, both, heads, Checkpoints(tmp_path, {}), **{**OPTIONS, "epochs": 8}))
    assert steps[-1].loss < steps[0].loss / 2
    assert steps[-1].dev is not None
    assert steps[-1].dev.rows == 48
