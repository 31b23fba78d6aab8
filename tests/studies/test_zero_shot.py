"""A zero-shot run from recipe to results: the same figures however often it was stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError, ModelError, RecipeError, TrainingError
from hatetinyllm.studies.zero_shot import Asked, Asking, check, zero_shot
from hatetinyllm.types import Example, Splits

Given = dict[str, dict[str, Any]]


@pytest.fixture
def given(speaker: Callable[..., Path]) -> Given:
    return {
        "data": {"name": "demo"},
        "sample": {"rows": 200},
        "split": {"name": "official"},
        "model": {"name": "hub", "id": str(speaker("Llama"))},
        "zero_shot": {"batch_tokens": 256, "device": "cpu"},
    }


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("recipe.toml", "answers.jsonl", "about.json", "results.json")}


def test_a_run_has_its_results_and_says_what_was_asked(given: Given, tmp_path: Path) -> None:
    events: list[object] = []
    answered = zero_shot(given, tmp_path / "run", on_event=events.append)
    names = [result.name for result in answered.results]
    assert names[0] == "zero-shot plain"
    assert names[-2:] == ["always hate", "always not_hate"]
    totals = [name.partition(",")[0] for name in names if "total log-probability" in name]
    assert totals == ["zero-shot definition", "zero-shot verbalizer", "zero-shot instruction"]
    assert names[-3].startswith("ceiling of zero-shot plain, no result")
    assert len(names) == 6 * 4 + 2 + len(totals) + 1 + 2
    assert json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))[0]["name"] == names[0]
    asked = [event for event in events if isinstance(event, Asked)]
    assert asked[-1].number == asked[-1].of == 9 * answered.results[0].rows
    assert [event.number for event in asked] == sorted({event.number for event in asked})
    about = json.loads((tmp_path / "run" / "about.json").read_text(encoding="utf-8"))
    assert [prompt["name"] for prompt in about["prompts"]] == [
        "plain",
        "definition",
        "verbalizer",
        "instruction",
        "few-shot",
    ]
    assert set(about["prompts"][0]["prejudices"]) == {"given", "swapped"}
    assert any("may be among it" in note for note in answered.notes)
    text = (tmp_path / "run" / "answers.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    whole = [line for line in lines if line["order"].endswith(", total")]
    assert len(lines) - len(whole) == asked[-1].of
    assert {line["prompt"] for line in whole} == {"definition", "verbalizer", "instruction"}
    assert [note for note in answered.notes if "few-shot is 2 of the 9 times" in note]
    assert set(json.loads(text.splitlines()[0])) == {"prompt", "order", "id", "window", "answer"}


def test_a_run_stopped_after_any_batch_ends_the_same(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("verbalizer", "plain"), "generate": True, "new_tokens": 2}
    whole = zero_shot(given, tmp_path / "whole")
    stopped = tmp_path / "stopped"

    def stop(event: object) -> None:
        if isinstance(event, Asked):
            raise KeyboardInterrupt

    stops = 0
    while True:
        try:
            answered = zero_shot(given, stopped, resume=stops > 0, on_event=stop)
            break
        except KeyboardInterrupt:
            stops += 1
    assert stops > 5
    assert answered.results == whole.results
    assert content(stopped) == content(tmp_path / "whole")


@pytest.mark.parametrize("share", [0.1, 0.53, 0.97])
def test_a_run_whose_answers_were_cut_short_ends_the_same(given: Given, tmp_path: Path, share: float) -> None:
    given["zero_shot"] |= {"prompts": ("definition",)}
    zero_shot(given, tmp_path / "run")
    whole = content(tmp_path / "run")
    path = tmp_path / "run" / "answers.jsonl"
    path.write_bytes(whole["answers.jsonl"][: int(len(whole["answers.jsonl"]) * share)])
    (tmp_path / "run" / "results.json").unlink()
    zero_shot(given, tmp_path / "run", resume=True)
    again = content(tmp_path / "run")
    assert again["results.json"] == whole["results.json"]
    assert set(again["answers.jsonl"].splitlines()) == set(whole["answers.jsonl"].splitlines())


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_a_killed_run_goes_on(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("plain",), "batch_tokens": 64}
    whole = zero_shot(given, tmp_path / "whole")
    code = "import json, sys; from hatetinyllm.studies.zero_shot import zero_shot; from pathlib import Path; "
    code += "zero_shot(json.loads(sys.argv[1]), Path(sys.argv[2]))"
    process = subprocess.Popen([sys.executable, "-c", code, json.dumps(given), str(tmp_path / "killed")])
    answers = tmp_path / "killed" / "answers.jsonl"
    while process.poll() is None and not (answers.is_file() and answers.stat().st_size):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert zero_shot(given, tmp_path / "killed", resume=True).results == whole.results


def test_an_example_is_never_a_text_that_is_judged(given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def row(id: str, text: str, label: str) -> Example:
        return Example(id=id, text=text, labels={"hate": (label,)})

    train = (row("1", "go away,  you", "hate"), row("2", "they should leave", "hate"), row("3", "good morning", "not_hate"))
    splits = Splits(name="mine", train=train, test=(row("4", "go away, you", "hate"),))
    monkeypatch.setattr("hatetinyllm.studies.zero_shot.read_splits", lambda recipe: splits)
    for seed in range(8):
        given["zero_shot"] |= {"prompts": ("instruction",), "shots": 2, "shot_seed": seed}
        zero_shot(given, tmp_path / str(seed))
        about = json.loads((tmp_path / str(seed) / "about.json").read_text(encoding="utf-8"))
        assert set(about["prompts"][0]["examples"]) == {"2", "3"}


def test_examples_are_of_the_train_part(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("instruction",), "shots": 4}
    answered = zero_shot(given, tmp_path / "run")
    assert answered.results[0].name == "few-shot 4 instruction"
    about = json.loads((tmp_path / "run" / "about.json").read_text(encoding="utf-8"))
    assert len(about["prompts"][0]["examples"]) == 4
    assert set(about["prompts"][0]["examples"]) <= {example.id for example in load_dataset("demo").train}
    assert any("examples shown, seed 42" in note for note in answered.notes)


def test_long_texts_are_read_in_windows_and_that_is_said(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("plain",)}
    given["text"] = {"max_tokens": 8, "overlap_tokens": 2}
    answered = zero_shot(given, tmp_path / "run")
    assert any("more than 8 tokens: the highest of their windows counts" in note for note in answered.notes)
    lines = (tmp_path / "run" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert max(json.loads(line)["window"] for line in lines) > 0
    assert len(lines) > 2 * answered.results[0].rows


def test_mistakes_are_told_at_once_and_nothing_is_written(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("plane",), "shots": 3}
    given["text"] = {"max_tokens": 4, "overlap_tokens": 4}
    with pytest.raises(RecipeError) as told:
        zero_shot(given, tmp_path / "run")
    assert len(told.value.problems) == 3
    assert "did you mean 'plain'" in told.value.problems[0]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("section", "wrong", "said"),
    [
        ("zero_shot", {"prompts": ()}, "'prompts' is empty"),
        ("zero_shot", {"promts": ("plain",)}, "did you mean 'prompts'"),
        ("model", {"name": "hubb"}, "did you mean 'hub'"),
        ("data", {"name": "dem"}, "did you mean 'demo'"),
    ],
)
def test_a_wrong_word_is_told(given: Given, section: str, wrong: dict[str, Any], said: str) -> None:
    given[section] = given[section] | wrong
    with pytest.raises(RecipeError, match=said):
        check(given)


def test_a_model_without_words_and_a_split_without_test_are_refused(given: Given, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot answer by words"):
        zero_shot({**given, "model": {"name": "scratch", "layers": 1}}, tmp_path / "a")
    with pytest.raises(DataError, match="no row of the test part"):
        zero_shot({**given, "split": {"name": "random", "test_share": 0.0}}, tmp_path / "b")
    zero_shot({**given, "zero_shot": {"prompts": ("plain",)}}, tmp_path / "a")  # what failed before an answer is in nobody's way


def test_other_rows_cannot_be_gone_on_with(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("plain",)}
    zero_shot(given, tmp_path / "run")
    about = json.loads((tmp_path / "run" / "about.json").read_text(encoding="utf-8"))
    about["fingerprint"]["data"] = "0" * 64
    (tmp_path / "run" / "about.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(TrainingError, match="begun with something else"):
        zero_shot(given, tmp_path / "run", resume=True)


def test_the_headline_is_plain_unless_said_otherwise() -> None:
    assert Asking().prompts[0] == "plain"
    assert not Asking().generate


def test_few_shot_is_the_plain_prompt_with_examples(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("plain", "few-shot")}
    both = zero_shot(given, tmp_path / "both").results
    given["zero_shot"] |= {"prompts": ("plain",), "shots": 4}
    shown = zero_shot(given, tmp_path / "shown").results
    few = [result for result in both if result.name.startswith("few-shot 4 plain")]
    assert few == [result for result in shown if result.name.startswith("few-shot 4 plain")]
    assert len(few) == 6
    assert few[0].metrics != both[0].metrics


def test_a_model_that_fails_leaves_an_old_run_as_it_was(given: Given, tmp_path: Path) -> None:
    given["zero_shot"] |= {"prompts": ("plain",)}
    zero_shot(given, tmp_path / "run")
    before = content(tmp_path / "run")
    for wrong in (
        {"model": {"name": "scratch", "layers": 1}},
        {"text": {"max_tokens": 600}, "zero_shot": {"prompts": ("plain",), "shots": 60}},
    ):
        with pytest.raises(ModelError):
            zero_shot({**given, **wrong}, tmp_path / "run", overwrite=True)
        assert content(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("name", "text"), [("about.json", "{"), ("answers.jsonl", None), ("steps.jsonl", "{"), ("results.json", "{")]
)
def test_a_damaged_run_is_gone_on_with_or_told_in_words(given: Given, tmp_path: Path, name: str, text: str | None) -> None:
    given["zero_shot"] |= {"prompts": ("plain",)}
    whole = zero_shot(given, tmp_path / "run").results
    path = tmp_path / "run" / name
    text = text or path.read_text(encoding="utf-8").replace('"answer": ', '"answer": [], "x": ', 3)
    path.write_text(text, encoding="utf-8")
    if name == "about.json":
        with pytest.raises(TrainingError, match="damaged or missing"):
            zero_shot(given, tmp_path / "run", resume=True)
    else:
        assert zero_shot(given, tmp_path / "run", resume=True).results == whole
