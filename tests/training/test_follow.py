"""A recipe becomes a bundle; mistakes are told before any data is read; a killed run ends as if it had not been."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from hatetinyllm.bundle import read_bundle
from hatetinyllm.config.recipe import read_recipe
from hatetinyllm.data import DATASETS
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError, LicenceError, ModelError, RecipeError, TrainingError
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.inference.detector import Detector
from hatetinyllm.models.card import card_of
from hatetinyllm.models.tiny import write_tiny
from hatetinyllm.training.follow import Stage, check, train
from hatetinyllm.training.loop import Step
from hatetinyllm.training.material import read_splits
from hatetinyllm.training.rows import encode_rows
from hatetinyllm.training.save import UNLOOKED
from hatetinyllm.tuning import TUNINGS

RECIPE: dict[str, Any] = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "text": {"max_tokens": 32, "overlap_tokens": 8},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 32},
    "tuning": {"name": "lora", "rank": 2},
    "train": {"epochs": 1, "batch_size": 64, "learning_rate": 1e-2, "save_every": 5, "judge_every": 10, "device": "cpu"},
}
TEXTS = ["they are welcome here", "nobody wants them here"]


def with_changes(**changes: dict[str, Any]) -> dict[str, Any]:
    return {name: {**RECIPE.get(name, {}), **changes.get(name, {})} for name in {**RECIPE, **changes}}


def test_a_recipe_becomes_a_bundle_that_gives_verdicts(tmp_path: Path) -> None:
    events: list[Stage | Step] = []
    outcome = train(RECIPE, tmp_path / "run", baseline=True, on_event=events.append)
    assert [event.name for event in events if isinstance(event, Stage)] == [
        "reading",
        "read",
        "building",
        "machine",
        "training",
        "judging",
        "saving",
    ]
    steps = [event for event in events if isinstance(event, Step)]
    assert len(steps) == steps[0].of
    assert [result.name for result in outcome.results] == ["test", "test, TF-IDF baseline"]
    assert len((tmp_path / "run" / "steps.jsonl").read_text(encoding="utf-8").splitlines()) == len(steps)
    assert json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))[0]["positive"] == "hate"
    manifest = read_bundle(tmp_path / "run" / "bundle").manifest
    assert manifest.form == "standalone"
    assert manifest.data is not None
    assert manifest.data.licences == ("apache-2.0",)
    assert {"best-guess", "balanced"} <= set(manifest.bands)
    assert {verdict.guess for verdict in Detector.open(outcome.bundle.folder).classify_all(TEXTS)} <= {"hate", "not_hate"}


@pytest.mark.parametrize("name", ["prefix", "pfeiffer"])
def test_a_tuning_that_no_bundle_could_hold_is_told_before_any_data_is_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hatetinyllm.training.material.load_dataset", lambda *_, **__: pytest.fail("the data was read"))
    with pytest.raises(TrainingError, match="cannot hold all weights") as caught:
        train({**RECIPE, "tuning": {"name": name}}, tmp_path / "run")
    assert "found nowhere" in caught.value.problems[1]
    assert not (tmp_path / "run").exists()


def test_a_prefix_and_its_texts_must_fit_the_positions(checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    recipe = with_changes(text={"max_tokens": 60}, tuning={"name": "prefix", "tokens": 5})
    recipe["model"] = {"name": "hub", "id": str(checkpoint("OPT"))}
    del recipe["tuning"]["rank"]
    with pytest.raises(ModelError, match=r"text.max_tokens is 60, the model reads at most 64, and 5 of them are the tuning's"):
        train(recipe, tmp_path / "run")


def test_the_stored_recipe_is_whole_and_gives_the_same_bundle(tmp_path: Path) -> None:
    first = train(RECIPE, tmp_path / "first")
    stored = tmp_path / "first" / "recipe.toml"
    assert read_recipe(stored)["train"]["weight_decay"] == 0.001
    second = train(stored, tmp_path / "second")
    assert first.bundle.weights.read_bytes() == second.bundle.weights.read_bytes()
    assert first.bundle.manifest.recipe == second.bundle.manifest.recipe == stored.read_text(encoding="utf-8")


def test_the_saved_result_is_what_the_saved_bundle_scores(tmp_path: Path) -> None:

    outcome = train(RECIPE, tmp_path / "run")
    detector = Detector.open(outcome.bundle.folder)
    again = evaluate(detector.scores, load_dataset("demo").test, detector.heads[0], name="test")
    assert again.confusion == outcome.results[0].confusion


def test_no_training_text_stands_in_a_bundle(tmp_path: Path) -> None:

    outcome = train(RECIPE, tmp_path / "run")
    texts = [example.text.encode() for example in load_dataset("demo").rows()]
    for path in outcome.bundle.folder.iterdir():
        content = path.read_bytes()
        assert not [text for text in texts if text in content], path.name


def test_trainings_of_one_process_do_not_bind_each_other(tmp_path: Path) -> None:
    for precision in ("fp32", "bf16", "fp32"):
        changed = with_changes(train={"precision": precision, "batch_size": 512})
        assert train(changed, tmp_path / "run", overwrite=True).results


def test_a_run_keeps_its_own_recipe(tmp_path: Path) -> None:
    train(RECIPE, tmp_path / "run")
    with pytest.raises(TrainingError, match="begun with another recipe") as caught:
        train(with_changes(train={"epochs": 2}), tmp_path / "run", resume=True)
    assert "train.epochs was 1, is 2" in caught.value.problems
    assert train(tmp_path / "run" / "recipe.toml", tmp_path / "run", resume=True).results


def test_a_start_that_failed_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        train(with_changes(text={"max_tokens": 33}), tmp_path / "run")
    assert train(RECIPE, tmp_path / "run").results


def test_damaged_checkpoints_are_dropped_and_told(tmp_path: Path) -> None:
    whole = train(RECIPE, tmp_path / "whole")

    def walk_away(event: Stage | Step) -> None:
        if isinstance(event, Step) and event.number == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(RECIPE, tmp_path / "run", on_event=walk_away)
    newest = sorted((tmp_path / "run" / "checkpoints").glob("step-*"))[-1]
    assert newest.name == "step-00000012", "what is done is kept when the caller walks away"
    (newest / "state.json").write_text("", encoding="utf-8")
    events: list[Stage | Step] = []
    resumed = train(RECIPE, tmp_path / "run", resume=True, on_event=events.append)
    (told,) = [event.detail for event in events if isinstance(event, Stage) and event.name == "resuming"]
    assert told == "after step 10; damaged, and deleted: step-00000012"
    assert resumed.bundle.weights.read_bytes() == whole.bundle.weights.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_finishes_the_step_saves_it_and_says_how_to_go_on(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path / "recipe.toml", train={"epochs": 20, "save_every": 100_000, "judge_every": 100_000})
    process = start_training(recipe, tmp_path / "run")
    wait_for_steps(tmp_path / "run" / "steps.jsonl", 5, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert said.decode().count("\n") == 1
    assert "--resume" in said.decode()
    steps = (tmp_path / "run" / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    (saved,) = (tmp_path / "run" / "checkpoints").glob("step-*")
    assert saved.name == f"step-{len(steps):08d}"


def test_half_precision_ends_in_a_bundle_judged_as_it_is_served(tmp_path: Path) -> None:
    outcome = train(with_changes(train={"precision": "bf16"}), tmp_path / "run")
    again = evaluate(
        Detector.open(outcome.bundle.folder).scores, load_dataset("demo").test, outcome.bundle.manifest.heads[0], name="x"
    )
    assert again.confusion == outcome.results[0].confusion


def test_an_adapter_on_named_layers_is_opened_again(checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    base = {"model": {"name": "hub", "id": str(checkpoint("Llama"))}}
    tuning = {"name": "lora", "rank": 2, "layers": ["k_proj", "v_proj"]}
    outcome = train({**RECIPE, **base, "tuning": tuning, "train": {**RECIPE["train"], "batch_size": 512}}, tmp_path / "run")
    assert outcome.bundle.manifest.tuning.options["layers"] == ("k_proj", "v_proj")
    assert Detector.open(outcome.bundle.folder).classify("they are welcome").score is not None


def test_texts_that_are_all_too_long_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row of train can be read"):
        train(with_changes(text={"max_characters": 5}), tmp_path / "run")


def test_three_mistakes_are_three_messages_before_any_data_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DATASETS, "get", lambda name: pytest.fail("data was read"))
    wrong = with_changes(model={"width": "big"}, tuning={"rnk": 2}, train={"epochs": 0})
    with pytest.raises(RecipeError) as caught:
        check(wrong)
    assert len(caught.value.problems) == 3


def test_a_licence_is_asked_for_before_any_data_is_read() -> None:
    with pytest.raises(LicenceError, match="hateval"):
        check(with_changes(data={"name": "hateval"}))


def test_parts_that_do_not_fit_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"text\.max_tokens is 33, the model reads at most 32"):
        train(with_changes(text={"max_tokens": 33}), tmp_path / "long")
    with pytest.raises(TrainingError, match="cannot hold an adapter alone"):
        train(with_changes(bundle={"form": "adapter"}), tmp_path / "form")
    table = tmp_path / "one.csv"
    table.write_text("text,label\n" + "a text,hate\n" * 50, encoding="utf-8")
    with pytest.raises(DataError, match=r"not_hate"):
        train({**RECIPE, "data": {"name": "table", "path": str(table)}, "split": {"name": "random"}}, tmp_path / "one")


def write_recipe(path: Path, **changes: dict[str, Any]) -> Path:
    """The recipe as a file; JSON's words for these values are TOML's too."""
    sections = with_changes(**changes).items()
    lines = [f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in part.items()) for name, part in sections]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def start_training(recipe: Path, run: Path, *more: str) -> subprocess.Popen[bytes]:
    order = [sys.executable, "-m", "hatetinyllm", "train", *more, "--json"]
    order += [] if "--resume" in more else [str(recipe), "--out", str(run)]
    return subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.skipif(sys.platform != "linux", reason="processes of one run are tried on Linux")
def test_two_processes_end_where_one_does_and_one_speaks(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path / "recipe.toml", tuning={"dropout": 0.0}, train={"batch_size": 61})
    one, two = tmp_path / "one", tmp_path / "two"
    assert finished(start_training(recipe, one)) == 0
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    order = [*launch, "-m", "hatetinyllm", "train", str(recipe), "--out", str(two)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(order, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("judged on") == 1
    tensors = [load_file(run / "bundle" / "model.safetensors") for run in (one, two)]
    for name, tensor in tensors[0].items():
        assert tensors[1][name] == pytest.approx(tensor, abs=1e-4), name


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_run_killed_twice_and_resumed_ends_with_the_same_weights(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path / "recipe.toml")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert finished(start_training(recipe, whole)) == 0
    for kills, more in enumerate(((), ("--resume", str(killed))), start=1):
        process = start_training(recipe, killed, *more)
        wait_for_steps(killed / "steps.jsonl", 8 * kills, process)
        process.kill()
        process.communicate()
    assert not (killed / "bundle").exists()
    assert finished(start_training(recipe, killed, "--resume", str(killed))) == 0
    weights = [run / "bundle" / "model.safetensors" for run in (whole, killed)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    numbers = [json.loads(line)["number"] for line in (killed / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))


def finished(process: subprocess.Popen[bytes]) -> int:
    process.communicate()
    return process.returncode


def wait_for_steps(log: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if log.is_file() and log.read_text(encoding="utf-8").count("\n") >= count:
            return
        time.sleep(0.005)
    pytest.fail(f"the run did not come to step {count}: {process.communicate()[1].decode()}")


def test_a_part_of_the_users_own_is_used_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_data.py").write_text(
        "from hatetinyllm.data import DATASETS\n"
        "from hatetinyllm.data.demo import load as load_demo\n\n"
        'DATASETS.add("made-up", "made_up_data:load")\n\n'
        "def load(*, seed: int = 3):\n"
        "    return load_demo(seed=seed)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(DATASETS, "_places", dict(DATASETS.places))
    own = with_changes(data={"name": "made-up"}, train={"batch_size": 512})
    with pytest.raises(RecipeError, match="there is no data 'made-up'"):
        check(own)
    outcome = train({**own, "plugins": ["made_up_data"]}, tmp_path / "run")
    assert outcome.results
    assert 'plugins = ["made_up_data"]' in (tmp_path / "run" / "recipe.toml").read_text(encoding="utf-8")


ASKED = 'Is this post hate speech?\nPost: "{text}"\nAnswer:'
WORDS = {"name": "label-words", "words": [" No", " Yes"]}


def answering(base: Path, **changes: dict[str, Any]) -> dict[str, Any]:
    """A recipe that trains a language model to answer."""
    own = {
        **RECIPE,
        "text": {"max_tokens": 64, "overlap_tokens": 8, "prompt": ASKED},
        "model": {"name": "hub", "id": str(base)},
        "readout": WORDS,
        "tuning": {"name": "lora"},
        "train": {**RECIPE["train"], "batch_size": 256},
    }
    return {**own, **{name: {**own.get(name, {}), **part} for name, part in changes.items()}}


@pytest.mark.parametrize(
    ("kind", "tuning", "form", "learns"),
    [
        ("OPT", "lora", "adapter", False),
        ("Phi", "lora", "adapter", False),
        ("Phi", "lora", "standalone", True),
        ("Llama", "full", "standalone", False),
        ("Mistral", "head", "standalone", True),
        ("Phi", "houlsby", "adapter", True),
    ],
)
def test_a_decoder_that_is_trained_to_answer_answers_the_same_once_it_is_opened_again(
    speaker: Callable[..., Path], tmp_path: Path, kind: str, tuning: str, form: str, learns: bool
) -> None:
    base = speaker(kind)
    given = answering(base, tuning={"name": tuning}, readout={"learns": learns}, bundle={"form": form})
    outcome = train(given, tmp_path / "run")
    manifest = outcome.bundle.manifest
    assert (manifest.form, manifest.text["prompt"]) == (form, ASKED)
    stored = read_recipe(tmp_path / "run" / "recipe.toml")
    assert (stored["text"]["prompt"], stored["readout"]) == (ASKED, {**WORDS, "learns": learns})
    weights = load_file(outcome.bundle.weights)
    rows = {name.rpartition(".")[2]: value for name, value in weights.items() if f".{name}".rpartition(".")[0].endswith(".score")}
    assert set(rows) == ({"weight", "bias"} if kind == "Phi" else {"weight"})
    assert torch.equal(rows["weight"], rows_of(base)) == (not learns)
    detector = Detector.open(outcome.bundle.folder)
    result = evaluate(detector.scores, load_dataset("demo").test, detector.heads[0], name="test")
    assert result.confusion == outcome.results[0].confusion
    assert detector.classify("").reason == "empty_text"


def rows_of(base: Path) -> torch.Tensor:
    """Of the checkpoint's output matrix, those of the two words."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    ids = [tokenizer.encode(word, add_special_tokens=False).ids[0] for word in WORDS["words"]]
    rows: torch.Tensor = AutoModelForCausalLM.from_pretrained(base).get_output_embeddings().weight[ids].detach()
    return rows


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": {"prompt": ""}}, "text.prompt is empty"),
        ({"text": {"prompt": "no place"}}, "prompt has {text} 0 times"),
        ({"readout": {"words": [" Yes"]}}, "readout.words holds 1"),
        ({"heads": {"heads": ["hate", "target"]}}, "heads.heads names 2"),
        ({"tuning": {"name": "head"}}, "nothing would learn"),
        ({"model": {"name": "scratch"}}, "model 'scratch' begins with random numbers"),
        ({"readout": {"name": "label-word"}}, "did you mean 'label-words'"),
    ],
)
def test_label_words_that_cannot_be_are_told_before_any_data_is_read(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], said: str
) -> None:
    monkeypatch.setattr(DATASETS, "get", lambda name: pytest.fail("data was read"))
    given = answering(Path("somewhere"), **changes)
    if "model" in changes:
        given["model"] = changes["model"]
    with pytest.raises(RecipeError) as caught:
        check(given)
    assert [problem for problem in caught.value.problems if said in problem]
    assert check(answering(Path("somewhere"), readout={"learns": True}, tuning={"name": "head"}))


def test_a_tuning_under_which_nothing_learns_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_tuning.py").write_text(
        "from hatetinyllm.tuning import TUNINGS\n"
        "from hatetinyllm.tuning.tune import Tuned\n\n"
        'TUNINGS.add("made-up", "made_up_tuning:apply")\n\n'
        "def apply(net):\n"
        "    net.requires_grad_(False)\n"
        "    return Tuned(net=net)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(TUNINGS, "_places", dict(TUNINGS.places))
    given = {**RECIPE, "tuning": {"name": "made-up"}, "plugins": ["made_up_tuning"]}
    with pytest.raises(TrainingError, match="nothing would learn"):
        train(given, tmp_path / "run")


def test_a_recipe_without_a_readout_has_the_classification_head() -> None:
    assert check(RECIPE)["readout"] == check({**RECIPE, "readout": {"name": "head"}})["readout"]


def test_a_classification_head_may_read_a_prompt_too(tmp_path: Path) -> None:
    prompted = with_changes(text={"prompt": "post: {text}\n\nhate?"}, train={"batch_size": 512})
    outcome = train(prompted, tmp_path / "run")
    scores = Detector.open(outcome.bundle.folder).scores(TEXTS)
    bare = with_changes(train={"batch_size": 512})
    assert not np.array_equal(scores, Detector.open(train(bare, tmp_path / "bare").bundle.folder).scores(TEXTS))


def test_what_must_be_known_of_a_model_is_told_and_a_pickled_base_is_served_from_its_copy(tmp_path: Path) -> None:
    card = card_of("opt-125m")
    assert card is not None
    folder = write_tiny(tmp_path / "base", card)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    events: list[Stage | Step] = []
    recipe = {**RECIPE, "model": {"name": "opt-125m", "path": str(folder), "pickled": True}}
    outcome = train(recipe, tmp_path / "run", on_event=events.append)
    notes = [event.detail for event in events if isinstance(event, Stage) and event.name == "note"]
    assert ["safetensors copy" in notes[0], "tiny stand-in of random weights" in notes[1]] == [True, True]
    assert outcome.bundle.manifest.base_licence == "apache-2.0"
    (folder / "pytorch_model.bin").chmod(0o400)  # it is there, and is not read again
    assert len(Detector.open(outcome.bundle.folder).scores(TEXTS)) == len(TEXTS)


def test_a_cut_of_train_leaves_dev_and_test_whole_and_is_other_data_to_a_resumed_run() -> None:
    whole, cut = (read_splits(check(with_changes(sample={"train_rows": rows}))) for rows in (0, 100))
    assert len(cut.train) == 100 < len(whole.train)
    assert (cut.dev, cut.test) == (whole.dev, whole.test)
    assert digest_rows(cut) != digest_rows(whole)


OTHER = """
from hatetinyllm.data.demo import load as load_demo
from hatetinyllm.types import Example, Splits

def load() -> Splits:
    rows = load_demo(seed=11).train
    said = {"hate": "offensive", "not_hate": "not_offensive"}
    made = [Example(text=row.text, id=row.id, labels={"offence": (said[row.label],)}) for row in rows]
    return Splits(name="rude", train=tuple(made), scheme="offence", licences=("mit",), files={"rude.csv": "1"})
"""


@pytest.fixture
def rude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of another question, of which a few rows go to dev; its sentences are the demo's, so that all would be kin."""
    (tmp_path / "made_up_rude.py").write_text(OTHER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(DATASETS, "_places", {**DATASETS.places, "rude": "made_up_rude:load"})
    monkeypatch.setattr("hatetinyllm.training.beside.find_kin", lambda rows, **_: SimpleNamespace(groups=range(len(rows))))


FULL: dict[str, Any] = {"tuning": {"name": "full"}}
BESIDE: dict[str, dict[str, Any]] = {"heads": {"heads": ["hate", "offence", "target"]}, "beside": {"datasets": ["rude"]}}


@pytest.mark.usefixtures("rude")
def test_several_heads_are_learnt_from_several_sets_and_each_is_judged(tmp_path: Path) -> None:
    outcome = train(with_changes(**BESIDE), tmp_path / "run", baseline=True)
    names = [result.name for result in outcome.results]
    assert names == ["test", "test, TF-IDF baseline", "test, target", "dev, offence", "dev, target"]
    manifest = outcome.bundle.manifest
    assert manifest.data is not None
    assert manifest.data.licences == ("apache-2.0", "mit")
    assert manifest.data.files["rude.csv"] == "1"
    assert any(note.startswith("beside rude: ") for note in manifest.data.notes)
    _, offence, target = manifest.heads
    assert offence.labels == ("not_offensive", "offensive")
    learnt = {label for example in load_dataset("demo").train for label in example.labels["target"]}
    assert set(target.labels) == learnt
    verdict = Detector.open(outcome.bundle.folder).classify(TEXTS[1])
    assert set(verdict.scores) == {"hate", "offence", *(f"target.{label}" for label in target.labels)}


@pytest.mark.usefixtures("rude")
def test_exploring_costs_no_look_at_the_test_part_until_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = with_changes(**BESIDE)
    lengths = []

    def encoded(rows: Any, *given: Any, **options: Any) -> Any:
        lengths.append(len(rows))
        return encode_rows(rows, *given, **options)

    with monkeypatch.context() as patch:
        patch.setattr("hatetinyllm.training.material.encode_rows", encoded)
        explored = train(recipe, tmp_path / "run", dev_only=True, baseline=True)
    assert lengths[2] == 0 < min(lengths[:2])
    assert [result.name for result in explored.results] == ["dev", "dev, TF-IDF baseline", "dev, offence", "dev, target"]
    assert explored.results[0].rows == len(load_dataset("demo").dev)
    assert explored.bundle.manifest.data is not None
    assert UNLOOKED in explored.bundle.manifest.data.notes
    tested = train(recipe, tmp_path / "run", resume=True)
    assert tested.results[0].name == "test"
    assert tested.bundle.manifest.data is not None
    assert UNLOOKED not in tested.bundle.manifest.data.notes
    assert tested.bundle.weights.read_bytes() == explored.bundle.weights.read_bytes()
    assert tested.bundle.manifest.data.digest == explored.bundle.manifest.data.digest


def test_a_tuned_bundle_is_gone_on_with_from_its_own_readout(tmp_path: Path) -> None:
    first = train(with_changes(heads={"heads": ["hate", "target"]}) | FULL, tmp_path / "first")
    recipe = with_changes(train={"learning_rate": 1e-9, "warmup_share": 0.0, "weight_decay": 0.0}) | FULL
    recipe |= {"model": {"name": "hub", "id": str(first.bundle.folder)}, "readout": {"name": "stored"}}
    second = train(recipe, tmp_path / "second")
    assert second.results[0].confusion == first.results[0].confusion
    one, other = (Detector.open(each.bundle.folder).scores(TEXTS) for each in (first, second))
    np.testing.assert_allclose(one, other, atol=2e-4)
    assert [head.name for head in second.bundle.manifest.heads] == ["hate"]
