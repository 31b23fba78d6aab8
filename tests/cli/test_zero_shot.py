"""`zero-shot` by recipe or by names, with its notes, its rows and its way to go on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hatetinyllm.studies.zero_shot import Asked

QUICK = ["--set", "sample.rows=100", "--set", "zero_shot.prompts=['plain']", "--set", "zero_shot.device=cpu"]


@pytest.fixture
def named(speaker: Callable[..., Path]) -> list[str]:
    return ["--model", "hub", "--set", f"model.id={speaker('Llama')}", "--data", "demo", *QUICK]


def test_names_are_enough(call, named: list[str], tmp_path: Path) -> None:
    answer = call("zero-shot", *named, "--out", tmp_path / "run")
    assert answer.code == 0
    for word in ("zero-shot plain", "calibrated", "always hate", "always not_hate"):
        assert word in answer.out, word
    assert "order given" not in answer.out
    for word in ("asking    plain, given", "may be among it", "headline"):
        assert word in answer.err, word
    assert call("zero-shot", tmp_path / "run" / "recipe.toml", "--out", tmp_path / "again", "--json").code == 0


def test_data_that_takes_the_place_of_other_leaves_its_options_behind(call, named: list[str], tmp_path: Path) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text('[data]\nname = "table"\npath = "gone.csv"\n[model]\nname = "hub"\n[zero_shot]\n', encoding="utf-8")
    of_recipe = [*named[2:4], *QUICK, "--set", "data.name=demo", "--set", "split.name=official"]
    answer = call("zero-shot", recipe, *of_recipe, "--out", tmp_path / "run", "--json")
    assert answer.code == 0, answer.err


def test_json_is_one_line_and_nothing_else(call, named: list[str], tmp_path: Path) -> None:
    answer = call("zero-shot", *named, "--out", tmp_path / "run", "--json")
    assert answer.err == ""
    assert answer.json["results"][0]["name"] == "zero-shot plain"
    assert any("order swapped" in result["name"] for result in answer.json["results"])
    assert answer.json["notes"]


def test_a_stopped_run_says_how_to_go_on(call, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*event: object, **more: object) -> None:
        raise KeyboardInterrupt

    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr("hatetinyllm.cli.progress.Watch.count", interrupt)
        stopped = call("zero-shot", *named, "--out", run)
    assert stopped.code == 130
    assert f"hatetinyllm zero-shot --resume {run}" in stopped.err
    assert call("zero-shot", *named, "--out", run).code == 2
    resumed = call("zero-shot", "--resume", run, "--json")
    anew = call("zero-shot", *named, "--out", run, "--overwrite", "--json")
    assert resumed.json == anew.json


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--model", "hub"],
        ["--data", "demo"],
        ["a.toml", "--model", "hub", "--data", "demo"],
        ["--resume", "b", "--out", "c"],
        ["a.toml", "--resume", "b"],
        ["--resume", "nowhere"],
        ["nowhere.toml"],
        ["--model", "hubb", "--data", "demo"],
    ],
)
def test_what_makes_no_sense_is_told(call, wrong: list[str]) -> None:
    answer = call("zero-shot", *wrong)
    assert answer.code == 2
    assert answer.err.startswith("error: ")


def test_a_batch_is_an_event_of_its_own() -> None:
    assert Asked(number=1, of=2, prompt="plain", order="given", texts_per_s=1.0).number == 1
