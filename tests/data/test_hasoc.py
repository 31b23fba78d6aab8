"""HASOC: task 1 is offence, HATE of task 2 is hate, task 3 is left out."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.hasoc import TABLE, load
from hatetinyllm.errors import LicenceError

ROWS = (
    "text_id,text,task_1,task_2,task_3,split\n"
    'hasoc_hi_1,"gr**p, जाओ ",HOF,HATE,TIN,train\n'
    "hasoc_hi_2,t**l,HOF,PRFN,UNT,train\n"
    "hasoc_hi_3,नमस्ते,NOT,NONE,NONE,train\n"
)


def test_profanity_is_offensive_and_not_hate(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: ROWS})
    hate, profanity, fine = load().train
    assert (hate.id, hate.text, hate.language) == ("hasoc_hi_1", "gr**p, जाओ ", "hi")
    assert hate.labels == {"offence": ("offensive",), "hate": ("hate",)}
    assert profanity.labels == {"offence": ("offensive",), "hate": ("not_hate",)}
    assert fine.labels == {"offence": ("not_offensive",), "hate": ("not_hate",)}


def test_consent_is_asked_for(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: ROWS})
    with pytest.raises(LicenceError, match="HATETINYLLM_ACCEPT=hasoc"):
        load_dataset("hasoc")


@pytest.mark.data
def test_the_real_file_has_4665_rows(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"not_offensive": 2_196, "offensive": 2_469}}
    assert sum(row.label == "hate" for row in splits.train) == 556
    assert all("addressee" not in row.labels for row in splits.train)
