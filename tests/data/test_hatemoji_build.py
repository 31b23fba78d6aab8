"""HatemojiBuild: DynaHate's later rounds, with targets written as lists."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.hatemoji_build import FILES, load

HEADER = "entry_id,text,type,target,round.base,round.set,set,split,label_gold,matched_text,matched_id\n"
MADE_UP = {
    FILES["train"].path: HEADER
    + "0,I dislike gr**p 🌧,derogation,\"['blawom', 'mix.race']\",5,5a,original,train,1,I like gr**p ☀,7\n",
    FILES["dev"].path: HEADER + "7,I like gr**p ☀,none,['none'],5,5b,perturbation,dev,0,I dislike gr**p 🌧,0\n"
    "8,Those people 🌧,dehumanizinglanguage,['nat.france'],7,7a,original,dev,1,,\n",
}


def test_rows_keep_rounds_partners_types_and_targets(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    (hate,), (other, nation) = splits.train, splits.dev
    assert hate.labels == {
        "hate": ("hate",),
        "type": ("derogation",),
        "target": ("black_people", "mixed_race_people", "women"),
    }
    assert (hate.text, hate.round, hate.perturbed, hate.partners) == ("I dislike gr**p 🌧", "5", False, ("7",))
    assert other.labels == {"hate": ("not_hate",), "type": (), "target": ()}
    assert (other.perturbed, other.partners) == (True, ("0",))
    assert (nation.labels["type"], nation.labels["target"], nation.partners) == (("dehumanisation",), ("other",), ())
    assert f"{FILES['test'].path}: not here, so what it holds is left out" in splits.notes


def test_the_test_part_is_loaded_where_a_mirror_has_it(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({**MADE_UP, FILES["test"].path: HEADER + "9,nice day ☀,none,['none'],6,6a,original,test,0,,\n"})
    assert [example.id for example in load().test] == ["9"]


@pytest.mark.data
def test_the_real_files_have_the_rows_of_the_card(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"hate": 2_387, "not_hate": 2_341}, "dev": {"hate": 270, "not_hate": 321}}
    rows = {example.id: example for example in splits.rows()}
    known = [example for example in rows.values() if example.partners[0] in rows]
    assert len(known) == 4_798
    assert all(rows[example.partners[0]].partners == (example.id,) for example in known)
    assert all(bool(example.labels["type"]) == (example.label == "hate") for example in rows.values())
    assert all(bool(example.labels["target"]) == (example.label == "hate") for example in rows.values())
