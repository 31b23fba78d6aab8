"""Rows are foreseen from the card, the sample and the split, and read only where that costs nothing."""

from pathlib import Path

import pytest

from hatetinyllm.data import DATASETS, SPLITS
from hatetinyllm.data.dataset import card_of, load_dataset
from hatetinyllm.data.expected import Expected, expect
from hatetinyllm.data.sample import draw
from hatetinyllm.types import PARTS, Choice

OFFICIAL = Choice(name="official", options={"test_share": 0.2, "dev_share": 0.1})
RANDOM = Choice(name="random", options={"parts": PARTS, "test_share": 0.2, "dev_share": 0.1})


def foreseen(data: str, split: Choice = OFFICIAL, *, rows: int = 0, **options: object) -> Expected:
    return expect(Choice(name=data, options=options), {"rows": rows, "seed": 42}, split)


def test_the_source_s_own_parts_are_those_of_the_card() -> None:
    assert foreseen("dynahate").rows == {"train": 32_924, "dev": 4_100, "test": 4_120}
    assert not foreseen("dynahate").read


def test_a_part_the_source_has_not_is_carved_from_train() -> None:
    assert foreseen("edos").rows == {"train": 11_200, "dev": 2_000, "test": 2_800}
    assert foreseen("hateval", language="es").rows == {"train": 3_600, "dev": 500, "test": 900}


def test_all_rows_are_parted_anew_by_the_shares() -> None:
    paper = Choice(name="random", options={"parts": ("train",), "test_share": 0.2, "dev_share": 0.0})
    assert foreseen("hateval", paper, language="en").rows == {"train": 7_200, "dev": 0, "test": 1_800}


def test_a_sample_has_the_rows_it_was_asked_for() -> None:
    assert sum(foreseen("dynahate", RANDOM, rows=1000).rows.values()) == 1000
    assert foreseen("dynahate", rows=10**6).rows == foreseen("dynahate").rows


@pytest.mark.parametrize("split", ["official", "random"])
def test_the_demo_comes_out_as_foreseen(split: str) -> None:
    choice = {"official": OFFICIAL, "random": RANDOM}[split]
    whole = draw(load_dataset("demo"), rows=500)
    parted = SPLITS.get(split)(whole, **choice.options)
    found = foreseen("demo", choice, rows=500)
    assert found.read
    assert sum(found.rows.values()) == len(list(parted.rows()))
    assert all(abs(found.rows[part] - len(parted.part(part))) <= 2 for part in PARTS)
    texts = [len(example.text) for example in whole.rows()]
    assert found.mean_characters == pytest.approx(sum(texts) / len(texts))


def test_a_table_that_is_here_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,label\n" + "a mild one,hate\nanother one,0\n" * 50, encoding="utf-8")
    found = foreseen("table", RANDOM, path=str(path))
    assert found.rows == {"train": 70, "dev": 10, "test": 20}
    assert found.mean_characters == 10.5


def test_a_table_that_is_not_here_is_unknown(tmp_path: Path) -> None:
    found = foreseen("table", path=str(tmp_path / "gone.csv"))
    assert found.rows == {}
    assert "gone.csv" in found.notes[0]


def test_kin_cannot_be_foreseen_and_that_is_told() -> None:
    (note,) = foreseen("dynahate", Choice(name="grouped", options=RANDOM.options)).notes
    assert "kin" in note
    assert not foreseen("dynahate").notes


@pytest.mark.parametrize("data", sorted(set(DATASETS) - {"table", "demo", "contrast"}))
def test_every_dataset_is_foreseen_without_being_read(data: str) -> None:
    card = card_of(data)
    assert card is not None
    found = foreseen(data, language=card.languages[0])
    assert found.scheme == card.scheme
    assert set(found.rows) == set(PARTS) or found.notes == (f"{data}: nobody has counted its rows yet",)
