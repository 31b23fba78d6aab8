"""A bundle is not judged on what it learnt from."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.bundle import Bundle
from hatetinyllm.config.recipe import Recipe
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.from_file import write_split
from hatetinyllm.data.hateval import FILES
from hatetinyllm.errors import DataError, LicenceError
from hatetinyllm.training.follow import train
from hatetinyllm.training.material import read_splits
from hatetinyllm.training.unseen import unseen_rows
from hatetinyllm.types import PARTS, Splits

RECIPE = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "text": {"max_tokens": 32, "overlap_tokens": 8},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 32},
    "tuning": {"name": "head"},
    "train": {"epochs": 1, "batch_size": 512, "device": "cpu"},
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return train(RECIPE, tmp_path_factory.mktemp("runs") / "run").bundle


def test_its_own_test_part_is_unseen(bundle: Bundle) -> None:
    found = unseen_rows(bundle, None, "test", [])
    assert (len(found.examples), found.seen) == (len(load_dataset("demo").test), 0)


def test_its_own_data_is_read_once(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def count(recipe: Recipe) -> Splits:
        read.append(recipe["data"].name)
        return read_splits(recipe)

    monkeypatch.setattr("hatetinyllm.training.source.read_splits", count)
    assert unseen_rows(bundle, None, "test", []).examples
    assert read == ["demo"]


def test_its_own_train_part_says_nothing(bundle: Bundle) -> None:
    with pytest.raises(DataError, match="a figure on them says nothing"):
        unseen_rows(bundle, None, "train", [])


def test_texts_it_learnt_from_are_left_out_of_any_data(bundle: Bundle, tmp_path: Path) -> None:
    splits = load_dataset("demo")
    learnt, fresh = splits.train[0].text, "a text that nobody has written before"
    table = tmp_path / "mine.csv"
    table.write_text(f'text,label\n"{learnt}",hate\n" {learnt}  ",hate\n"{fresh}",not_hate\n', encoding="utf-8")
    found = unseen_rows(bundle, "table", "test", [f'data.test="{table.as_posix()}"'])
    assert [example.text for example in found.examples] == [fresh]
    assert found.seen == 2
    assert found.notes[0].startswith("2 of 3 rows left out")


def test_another_split_leaves_the_options_of_its_own_behind(tmp_path: Path) -> None:
    whole = load_dataset("demo")
    write_split({example.id: part for part in PARTS for example in whole.part(part)}, whole, tmp_path / "split.csv")
    own = {**RECIPE, "split": {"name": "from-file", "path": str(tmp_path / "split.csv")}}
    bundle = train(own, tmp_path / "run").bundle
    assert unseen_rows(bundle, None, "test", ["split.name=official"]).examples


def test_another_split_of_its_own_data_leaves_out_what_it_learnt(bundle: Bundle) -> None:
    found = unseen_rows(bundle, None, "test", ["split.name=random"])
    learnt = {example.text for example in (*load_dataset("demo").train, *load_dataset("demo").dev)}
    assert found.seen > 0
    assert not {example.text for example in found.examples} & learnt


def test_a_part_that_is_not_there_is_told(bundle: Bundle, tmp_path: Path) -> None:
    files = {part: tmp_path / f"{part}.csv" for part in ("train", "dev")}
    for path in files.values():
        path.write_text("text,label\na,hate\nb,not_hate\n", encoding="utf-8")
    settings = [f'data.{part}="{path.as_posix()}"' for part, path in files.items()]
    with pytest.raises(DataError, match="has no test part"):
        unseen_rows(bundle, "table", "test", [*settings, "split.test_share=0"])


def test_foreign_data_is_judged_with_a_note_where_the_bundles_own_cannot_be_read(bundle: Bundle, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("text,label\na,hate\nb,not_hate\n", encoding="utf-8")
    recipe = bundle.manifest.recipe.replace('name = "demo"\nseed = 7', 'name = "olid"')
    assert "olid" in recipe
    lost = replace(bundle, manifest=replace(bundle.manifest, recipe=recipe))
    found = unseen_rows(lost, "table", "test", [f'data.test="{table.as_posix()}"'])
    assert len(found.examples) == 2
    assert "cannot be read here" in found.notes[0]
    with pytest.raises(LicenceError):
        unseen_rows(lost, None, "test", [])


def test_a_strangers_bundle_cannot_name_plugins(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_plugin.py").write_text("raise SystemExit('code of a stranger was run')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    evil = replace(bundle, manifest=replace(bundle.manifest, recipe='plugins = ["made_up_plugin"]\n' + bundle.manifest.recipe))
    assert unseen_rows(evil, None, "test", []).examples


def test_another_table_is_read_with_the_columns_the_bundle_learnt_with(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.csv", tmp_path / "other.csv"
    words_of = {"hate": "bad", "not_hate": "fine"}
    rows = [(example.text, words_of[example.label or ""]) for example in load_dataset("demo").train]
    with mine.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("comment", "verdict"), *rows])
    other.write_text("comment,verdict\nall are welcome,fine\nnobody wants you,bad\n", encoding="utf-8")
    words = {"text": "comment", "label": "verdict", "hate": ["bad"], "not_hate": ["fine"]}
    own = train({**RECIPE, "data": {"name": "table", "path": str(mine), **words}}, tmp_path / "run").bundle
    for key in ("path", "test"):
        found = unseen_rows(own, "table", "test", [f'data.{key}="{other.as_posix()}"'])
        assert [example.label for example in found.examples] == ["not_hate", "hate"]
    assert unseen_rows(own, None, "test", []).examples
    moved = mine.rename(tmp_path / "moved.csv")
    assert unseen_rows(own, None, "test", [f'data.path="{moved.as_posix()}"']).examples
    silent = replace(own, manifest=replace(own.manifest, data=None))
    with pytest.raises(DataError, match="no longer the file"):
        unseen_rows(silent, None, "test", [f'data.path="{moved.as_posix()}"'])
    mine.write_text("something else", encoding="utf-8")
    with pytest.raises(DataError, match="no longer the file"):
        unseen_rows(own, None, "test", [])


def test_a_bundle_that_was_trained_elsewhere_says_so(bundle: Bundle) -> None:
    foreign = replace(bundle, manifest=replace(bundle.manifest, recipe="", data=None))
    with pytest.raises(DataError, match="does not say what it learnt from") as caught:
        unseen_rows(foreign, None, "test", [])
    assert "--data NAME" in caught.value.problems[0]
    found = unseen_rows(foreign, "demo", "test", [])
    assert (len(found.examples), found.seen) == (len(load_dataset("demo").test), 0)
    assert "is unknown, it was trained elsewhere" in found.notes[0]


def test_another_labelling_of_its_own_test_is_no_other_file_it_learnt_from(
    mirror: Callable[[Mapping[str, str]], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "hateval")
    ids = {"train": range(201, 241), "dev": range(18_201, 18_221), "test": (30_001, 30_003, 30_006)}
    lines = {part: [f"{id},text {id},{id % 2 * (part != 'test')},0,0" for id in own] for part, own in ids.items()}
    mirror({FILES[f"en {part}"].path: "\n".join(["id,text,HS,TR,AG", *own]) + "\n" for part, own in lines.items()})
    bundle = train({**RECIPE, "data": {"name": "hateval"}}, tmp_path / "run").bundle
    labels = [
        [example.label for example in unseen_rows(bundle, None, "test", settings).examples]
        for settings in ([], ["data.test=relabelled"])
    ]
    assert labels == [["not_hate"] * 3, ["hate", "hate", "not_hate"]]


def test_a_split_file_is_the_one_it_learnt_by_wherever_it_lies_now(tmp_path: Path) -> None:
    whole, path = load_dataset("demo"), tmp_path / "split.csv"
    write_split({example.id: part for part in PARTS for example in whole.part(part)}, whole, path)
    own = train({**RECIPE, "split": {"name": "from-file", "path": str(path)}}, tmp_path / "run").bundle
    assert len(unseen_rows(own, None, "test", []).examples) == len(whole.test)
    moved = path.rename(tmp_path / "moved.csv")
    assert unseen_rows(own, None, "test", [f'split.path="{moved.as_posix()}"']).examples
    path.write_text("id,part\nsomething,else\n", encoding="utf-8")
    with pytest.raises(DataError, match="no longer the file"):
        unseen_rows(own, None, "test", [])
