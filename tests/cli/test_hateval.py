"""`hateval`: words are masked unless asked for, both tests stand in tables, and a missing test is told."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.data.hateval import FILES
from hatetinyllm.data.hateval_relabels import labels_by_id

HEADER = "id,text,HS,TR,AG"
CALL = ("hateval", "--draws", "100", "--needed", "10")

Mirror = Callable[[Mapping[str, str]], Path]


def files(*, test: bool) -> dict[str, str]:
    """Train calls the hashtag hate; of the test's rows that the relabelling calls so, the official labels call none."""

    def lines(ids: list[int], hate: Callable[[int], bool], label: Callable[[int], bool]) -> str:
        texts = [f"{id},{'they go #thatbridge' if hate(id) else 'they stay #sunny'} {id},{int(label(id))},0,0" for id in ids]
        return "\n".join([HEADER, *texts]) + "\n"

    again = {int(id): one["hate"] == ("hate",) for id, one in list(labels_by_id().items())[:80]}

    def odd(id: int) -> bool:
        return id % 2 == 1

    parts = {"train": lines(list(range(201, 301)), odd, odd), "dev": lines(list(range(18_201, 18_241)), odd, odd)}
    if test:
        parts["test"] = lines(list(again), again.__getitem__, lambda id: id % 5 == 0)
    return {FILES[f"en {part}"].path: text for part, text in parts.items()}


@pytest.fixture(autouse=True)
def accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "hateval")


def test_the_page_shows_both_tests_the_ceiling_and_masked_words(
    mirror: Mirror, call: Callable[..., Any], golden_bundle: Path
) -> None:
    mirror(files(test=True))
    answer = call(*CALL, golden_bundle)
    assert answer.code == 0, answer.err
    for told in (
        "official test",
        "relabelled test",
        "the ceiling",
        "who is perfect by it",
        "TF-IDF",
        "golden",
        "threshold of dev",
    ):
        assert told in answer.out
    assert "#thatbridge" not in answer.out
    assert "#··········" in answer.out
    assert "word (masked)" in answer.out


def test_words_are_shown_where_asked_for(mirror: Mirror, call: Callable[..., Any]) -> None:
    mirror(files(test=True))
    assert "#thatbridge" in call(*CALL, "--show-text").out


def test_programs_get_masked_words_too(mirror: Mirror, call: Callable[..., Any]) -> None:
    mirror(files(test=True))
    answer = call(*CALL, "--json")
    assert "#thatbridge" not in answer.out
    assert answer.json["ceiling"]["rows"] == 80
    assert {line["on"] for line in answer.json["lines"]} == {"official test", "relabelled test"}
    shown = call(*CALL, "--json", "--show-text").json["compared"][0]["found"]["words"]
    assert "#thatbridge" in [word["word"] for word in shown]


def test_a_missing_test_is_told_and_dev_is_judged(mirror: Mirror, call: Callable[..., Any]) -> None:
    mirror(files(test=False))
    answer = call(*CALL)
    assert answer.code == 0
    assert "missing: the official test" in answer.out
    assert "train against dev" in answer.out
    assert "3,000" in answer.out  # the relabelling's labels are here


def test_without_consent_nothing_is_read(mirror: Mirror, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HATETINYLLM_ACCEPT")
    mirror(files(test=True))
    assert call(*CALL).code == 2
