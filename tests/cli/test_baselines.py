"""`baselines`: a table for people, one JSON value for programs, the same in a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

SMALL = ("--set", "sample.rows=1200", "--draws", "100")


def test_the_table_names_the_positive_label_its_share_and_every_interval(call: Callable[..., Any], tmp_path: Path) -> None:
    answer = call("baselines", "demo", *SMALL, "--curve", "100,400", "--out", tmp_path / "made" / "found.json")
    assert answer.code == 0, answer.err
    head = answer.out.splitlines()
    assert "demo test, split official" in head[0]
    assert "% hate" in head[1]
    for name in ("TF-IDF", "always hate", "always not_hate", "are hate", "groups of kin", "by the rows of train", "doubling"):
        assert name in answer.out
    stored = json.loads((tmp_path / "made" / "found.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in stored["results"]] == ["TF-IDF", "always hate", "always not_hate"]
    assert "[" in answer.out


def test_programs_get_the_same_as_the_file(call: Callable[..., Any], tmp_path: Path) -> None:
    partings = ("--set", "split.name=random", "--partings", "2")
    answer = call("baselines", "demo", *SMALL, *partings, "--out", tmp_path / "found.json", "--json")
    assert answer.json == json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert answer.json["spread"]["macro_f1"]["seeds"] == 2
    assert answer.json["asked"]["split"]["name"] == "random"


def test_the_spread_of_partings_is_shown(call: Callable[..., Any]) -> None:
    answer = call("baselines", "demo", *SMALL, "--set", "split.name=random", "--partings", "2")
    assert "over 2 partings of the same rows" in answer.out


def test_a_wrong_size_or_dataset_is_told(call: Callable[..., Any]) -> None:
    assert call("baselines", "demo", "--curve", "10,many").code == 2
    unknown = call("baselines", "dyna", "--json")
    assert unknown.code == 2
    assert "dynahate" in str(unknown.error)
