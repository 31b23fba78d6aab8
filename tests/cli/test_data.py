"""The datasets are listed, shown masked, prepared and agreed to."""

import json
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from hatetinyllm.data import DATASETS
from hatetinyllm.data.dataset import load_dataset


def test_every_dataset_with_a_card_is_listed(call) -> None:
    found = call("data", "list", "--json").json
    assert {one["name"] for one in found} == set(DATASETS) - {"table"}
    said = call("data", "list").out
    assert all(one["name"] in said for one in found)
    assert "1,804,874 ?" in said


def test_a_dataset_is_shown_with_masked_examples(call) -> None:
    texts = {example.text for example in load_dataset("demo").rows()}
    found = call("data", "show", "demo", "--json").json
    assert found["licence"]["id"] == "apache-2.0"
    assert sum(row["rows"] for row in found["here"]["lengths"]) == found["rows"]
    assert not texts & {example["text"] for example in found["here"]["examples"]}
    shown = call("data", "show", "demo", "--json", "--show-text").json["here"]["examples"]
    assert any(example["text"] in texts for example in shown)
    assert "█" in call("data", "show", "demo").out


def test_a_dataset_that_is_not_here_still_shows_its_card(call) -> None:
    answer = call("data", "show", "olid")
    assert answer.code == 0
    assert "13,240" in answer.out.replace("8,840", "13,240")
    assert "its texts are not here" in answer.err
    assert "missing" in call("data", "show", "olid", "--json").json["here"]


def test_a_dataset_is_written_as_parquet(call, tmp_path: Path) -> None:
    path = tmp_path / "demo.parquet"
    found = call("data", "prepare", "demo", "--out", path, "--json").json
    assert found["rows"] == parquet.read_table(path).num_rows == sum(1 for _ in load_dataset("demo").rows())


def test_wrong_options_of_a_dataset_are_told(call, tmp_path: Path) -> None:
    answer = call("data", "prepare", "demo", "--out", tmp_path / "x.parquet", "--set", "sede=1")
    assert answer.code == 2
    assert "did you mean 'seed'" in answer.err


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_non_commercial_licence_is_agreed_to_once(call, answer: str) -> None:
    assert "agree by" in call("data", "prepare", "hateval").err
    agreed = call("data", "accept", "hateval", stdin=f"{answer}\n")
    assert agreed.code == (0 if answer == "y" else 2)
    after = call("data", "prepare", "hateval").err
    assert ("agree by" in after) == (answer == "n")


def test_where_nobody_can_be_asked_the_way_to_agree_stands_on_a_line_of_its_own(call) -> None:
    answer = call("data", "accept", "hateval")
    assert answer.code == 2
    assert "\nerror: hateval was not agreed to\n" in answer.err
    assert "--yes, or HATETINYLLM_ACCEPT=hateval" in answer.err


def test_a_free_licence_asks_for_nothing(call) -> None:
    assert "asks for no consent" in call("data", "accept", "davidson").out


def test_json_errors_are_json(call) -> None:
    answer = call("data", "show", "demoo", "--json")
    assert answer.code == 2
    assert json.loads(answer.err)["error"]["kind"] == "UnknownName"
