"""DynaHate: rounds, partners and groups survive; what was not asked gives no label."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.dynahate import GROUPS, TABLE, load

HEADER = '"","acl.id","X1","text","label","type","target","level","split","round.base","annotator","round","acl.id.matched"'
ROWS = [
    '"1","acl1","1","I can\'t stand gr**p\rat all","hate","notgiven","notgiven","original","train","1","a1","1",""',
    '"2","acl2","2","we like\ngr**p","nothate","none","none","original","dev","2","a1","2a","acl3"',
    '"3","acl3","3","we mock gr**p","hate","derogation","bla.wom, gay","perturbation","test","2","a1","2b","acl2"',
    '"4","","4","nice day","nothate","none","none","original","train","1","","1",""',
    '"5","acl5","5","we mock them","hate","dehumanization","NoTargetRecorded","","train","4","","",""',
    '"6","acl6","6","praise of a tyrant","hate","support","hitler","original","train","3","","3a",""',
]
FILES = {
    TABLE.path: "\n".join([HEADER, *ROWS]) + "\n",
    GROUPS.path: "row,acl.id,group\n1,acl1,7\n2,acl2,8\n3,acl3,8\n4,,9\n",
}


def test_rows_keep_labels_rounds_partners_and_groups(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(FILES)
    splits = load()
    first, unnamed, untargeted, praise = splits.train
    (dev,), (test,) = splits.dev, splits.test
    assert first.text == "I can't stand gr**p\rat all"
    assert (first.labels, first.round, first.group) == ({"hate": ("hate",)}, "1", "7")
    assert (unnamed.id, unnamed.group) == ("4", "9")
    assert untargeted.labels == {"hate": ("hate",), "type": ("dehumanisation",)}
    assert untargeted.perturbed is None
    assert praise.labels["target"] == ()
    assert (dev.text, dev.perturbed, dev.partners, dev.line) == ("we like\ngr**p", False, ("acl3",), 4)
    assert dev.labels == {"hate": ("not_hate",), "type": (), "target": ()}
    assert test.labels == {"hate": ("hate",), "type": ("derogation",), "target": ("black_people", "gay_people", "women")}
    assert (test.perturbed, test.partners, test.group) == (True, ("acl2",), dev.group)
    assert any("variant" in note for note in splits.notes)


def test_without_recorded_groups_the_rows_have_none_and_a_note_says_so(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: FILES[TABLE.path]})
    splits = load()
    assert {example.group for example in splits.rows()} == {None}
    assert f"{GROUPS.path}: not here, so what it holds is left out" in splits.notes


@pytest.mark.data
def test_the_real_file_has_the_rows_of_the_paper(real_data: Path) -> None:
    splits = load()
    rows = list(splits.rows())
    assert (len(rows), sum(example.label == "hate" for example in rows)) == (41_144, 22_175)
    assert [len(part) for part in (splits.train, splits.dev, splits.test)] == [32_924, 4_100, 4_120]
    assert count_labels(splits)["test"] == {"hate": 2_268, "not_hate": 1_852}
    assert sum(bool(example.partners) for example in rows) == 30_068
    assert len({example.group for example in rows}) == 20_043
    typed = [sum(bool(example.labels.get("type")) for example in part) for part in (splits.train, splits.dev, splits.test)]
    assert typed == [0, 1_489, 1_504]
