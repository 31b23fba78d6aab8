"""HaSpeeDe 2: hate and stereotype are asked apart."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.haspeede2 import TABLE, load
from hatetinyllm.errors import LicenceError

ROWS = (
    "id,text,hs,stereotype,split\n"
    '2066,"via i gr**p, [URL] ",1,1,train\n'
    "2045,i gr**p sono sempre in ritardo,0,1,train\n"
    "61,buongiorno,0,0,train\n"
)


def test_a_stereotype_may_be_not_hate(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: ROWS})
    both, stereotype, fine = load().train
    assert (both.id, both.text, both.language) == ("2066", "via i gr**p, [URL] ", "it")
    assert both.labels == {"hate": ("hate",), "type": ("stereotype",)}
    assert stereotype.labels == {"hate": ("not_hate",), "type": ("stereotype",)}
    assert fine.labels == {"hate": ("not_hate",), "type": ()}


def test_consent_is_asked_for(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: ROWS})
    with pytest.raises(LicenceError, match="HATETINYLLM_ACCEPT=haspeede2"):
        load_dataset("haspeede2")


@pytest.mark.data
def test_the_real_file_lacks_two_rows_and_the_notes_say_so(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"hate": 2_766, "not_hate": 4_071}}
    assert "train: 4,071 rows are not_hate, the card states 4,073" in splits.notes
    stereotypes = [row for row in splits.train if row.labels["type"]]
    assert len(stereotypes) == 3_041
    assert sum(row.label == "not_hate" for row in stereotypes) == 1_023
    assert len(splits.train) - len({row.text for row in splits.train}) == 37
