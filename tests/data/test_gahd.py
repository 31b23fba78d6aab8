"""GAHD: parts and rounds of the file, and pairs that both rows know."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.gahd import TABLE, load

ROWS = (
    "gahd_id,text,label,round,split,contrastive_gahd_id\n"
    'aa000001,"alle gr**p, weg",1,R1,train,\n'
    "aa000002,alle gr**p willkommen,0,R4,dev,aa000001\n"
    "aa000003,schöner Tag,0,R2,test,\n"
)


def test_both_rows_of_a_pair_know_each_other(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: ROWS})
    splits = load()
    (original,), (contrast,), (alone,) = splits.train, splits.dev, splits.test
    assert (original.id, original.partners, original.round) == ("aa000001", ("aa000002",), "R1")
    assert (contrast.id, contrast.partners, contrast.round) == ("aa000002", ("aa000001",), "R4")
    assert alone.partners == ()
    assert [row.label for row in splits.rows()] == ["hate", "not_hate", "not_hate"]
    assert {row.language for row in splits.rows()} == {"de"}


@pytest.mark.data
def test_the_real_pairs_cross_the_parts(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {
        "train": {"hate": 3_265, "not_hate": 4_436},
        "dev": {"hate": 709, "not_hate": 940},
    }
    part = {row.id: name for name in ("train", "dev") for row in splits.part(name)}
    pairs = {frozenset((row.id, other)) for row in splits.rows() for other in row.partners if other in part}
    assert len(pairs) == 1_042
    assert sum(len({part[id] for id in pair}) == 2 for pair in pairs) == 221
