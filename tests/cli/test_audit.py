"""A split is audited by one command: for people, for programs, for CI, and with a split that does not leak."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Rows of which a few stand in train and in test."""
    for part, rows in (("train", range(60)), ("test", range(57, 80))):
        lines = [f"w{n} said lovely number{n} today here{n},{'hate' if n % 2 else 'not_hate'}" for n in rows]
        (tmp_path / f"{part}.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    return tmp_path


def files(folder: Path) -> list[str]:
    return [word for part in ("train", "test") for word in ("--set", f"data.{part}={folder / part}.csv")]


def test_people_get_the_verdict_first_and_programs_json(call, table: Path) -> None:
    said = call("audit", "table", *files(table))
    assert said.code == 0
    assert said.out.startswith("table, official: the split leaks\n  - kin are parted: ")
    for words in ("What stands in two parts", "What can be looked up in train", "How near train is", "█"):
        assert words in said.out
    assert "lovely" not in said.out + said.err
    assert "the nearest train row of each test row: 23 of 23" in said.err
    found = call("audit", "table", *files(table), "--json")
    assert found.json["verdict"] == "leaks"
    assert found.json["crossings"][0]["exact"] == 3
    assert found.err == ""


def test_a_leak_fails_only_where_that_is_asked_for(call, table: Path) -> None:
    assert call("audit", "table", *files(table), "--fail-on-leak").code == 1
    assert call("audit", "demo", "--fail-on-leak").code == 0


def test_a_leak_free_split_is_written_read_by_a_recipe_and_clean(call, table: Path) -> None:
    path = table / "clean.csv"
    written = call("audit", "table", *files(table), "--write-split", path, "--json").json["split_file"]
    assert written["rows"]["test"] == 23
    assert written["rows"]["left_out"] == 60 - written["rows"]["train"] >= 3
    again = ["--set", "split.name=from-file", "--set", f"split.path={path}", "--set", f"split.digest={written['digest']}"]
    found = call("audit", "table", *files(table), *again, "--json").json
    assert found["how"] == "from-file (clean.csv)"
    assert [one["kin"] for one in found["crossings"]] == [0]
    assert 'name = "from-file"' in call("audit", "table", *files(table), "--write-split", path).out


@pytest.mark.parametrize("name", ["near.svg", "new/near.html"])
def test_a_plot_is_written(call, tmp_path: Path, name: str) -> None:
    assert call("audit", "demo", "--plot", tmp_path / name, "--json").code == 0
    assert "<svg" in (tmp_path / name).read_text(encoding="utf-8")


def test_wrong_endings_are_told_before_the_work(call, tmp_path: Path) -> None:
    for option, name in (("--plot", "near.png"), ("--write-split", "split.tsv")):
        answer = call("audit", "demo", option, tmp_path / name)
        assert answer.code == 2
        assert "by the ending of the file's name" in answer.err
        assert "n-grams" not in answer.err


def test_another_split_is_audited_where_its_name_is_given(call) -> None:
    found = call("audit", "demo", "--set", "split.name=random", "--set", "sample.rows=400", "--json").json
    assert found["how"].startswith("random (")
    assert sum(found["rows"].values()) == pytest.approx(400, abs=2)
    answer = call("audit", "demo", "--set", "split.name=randm", "--json")
    assert answer.code == 2
    assert "did you mean 'random'" in json.loads(answer.err)["error"]["problems"][0]


def test_a_dataset_that_cannot_be_audited_is_told(call, table: Path) -> None:
    answer = call("audit", "table", "--set", f"data.path={table / 'train.csv'}")
    assert answer.code == 2
    assert "neither a test nor a dev part" in answer.err
