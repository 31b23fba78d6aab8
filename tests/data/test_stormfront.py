"""Stormfront: sentences, grouped by the post they stand in."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.stormfront import TABLE, load


def test_sentences_of_a_post_are_kin(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: "file_id,text,label\n12_1,nice day,noHate\n12_2,we mock gr**p,hate\n13_1,hello,noHate\n"})
    splits = load()
    assert [(example.id, example.group, example.label) for example in splits.train] == [
        ("12_1", "12", "not_hate"),
        ("12_2", "12", "hate"),
        ("13_1", "13", "not_hate"),
    ]
    assert splits.licences == ("cc-by-sa-3.0",)


@pytest.mark.data
def test_the_real_file_has_the_rows_of_the_card(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"hate": 957, "not_hate": 957}}
    assert len({example.group for example in splits.train}) == 1_620
