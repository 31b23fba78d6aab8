"""A dataset is loaded by name; one that forbids commercial use asks for consent, once."""

from pathlib import Path

import pytest

from hatetinyllm.data import dataset
from hatetinyllm.data.cache import consents, record_consent
from hatetinyllm.data.card import Card, File
from hatetinyllm.data.dataset import card_of, cards, consent_missing, give_consent, load_dataset, require_consent
from hatetinyllm.data.fetch import fetch
from hatetinyllm.data.licence import LICENCES
from hatetinyllm.errors import LicenceError, UnknownName
from hatetinyllm.types import Splits


def card(licence: str) -> Card:
    return Card(
        name="made-up",
        title="A made-up dataset",
        version="1",
        licence=licence,
        languages=("en",),
        source="https://example.org/made-up",
        citation="Nobody, 2020.",
        files=(),
        counts={},
    )


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """DynaHate's name leads to a made-up dataset that is not for commercial use; returns what it was asked."""
    asked: list[dict[str, object]] = []

    def load(**options: object) -> Splits:
        asked.append(options)
        return Splits(name="made-up")

    monkeypatch.setattr(dataset.DATASETS, "get", lambda name: load)
    monkeypatch.setattr(dataset, "card_of", lambda name: card("cc-by-nc-4.0"))
    return asked


def test_a_users_own_table_is_loaded_by_name_and_needs_no_consent(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,label\nkind words,0\nall gr**p are bad,1\n", encoding="utf-8")
    splits = load_dataset("table", path=str(path))
    assert [example.label for example in splits.train] == ["not_hate", "hate"]
    assert splits.licences == ("own",)
    assert card_of("table") is None
    with pytest.raises(LicenceError, match="your own data"):
        give_consent("table")


def test_an_unknown_dataset_is_an_error_with_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match="did you mean 'dynahate'"):
        load_dataset("dinahate")


def test_every_card_names_a_licence_that_is_known() -> None:
    found = list(cards())
    assert found
    assert all(one.licence in LICENCES for one in found)
    assert all(dataset.DATASETS.place(one.name) for one in found)


def test_a_non_commercial_dataset_is_not_even_read_without_consent(made_up: list[dict[str, object]]) -> None:
    with pytest.raises(LicenceError, match=r"CC BY-NC 4\.0: no commercial use") as caught:
        load_dataset("dynahate")
    assert made_up == []
    assert any("HATETINYLLM_ACCEPT=made-up" in problem for problem in caught.value.problems)


def test_consent_is_asked_for_once(made_up: list[dict[str, object]]) -> None:
    assert give_consent("dynahate").name == "made-up"
    assert consents() == {"made-up": "cc-by-nc-4.0"}
    assert load_dataset("dynahate", language="es").name == "made-up"
    assert load_dataset("dynahate").name == "made-up"
    assert made_up == [{"language": "es"}, {}]


def test_consent_to_another_licence_is_no_consent(made_up: list[dict[str, object]]) -> None:
    record_consent("made-up", "research")
    with pytest.raises(LicenceError):
        load_dataset("dynahate")


@pytest.mark.parametrize("named", ["made-up", "hateval made-up", "hateval,made-up"])
def test_the_environment_can_give_consent_and_nothing_is_recorded(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATETINYLLM_ACCEPT", named)
    require_consent(card("research"))
    assert consents() == {}


def test_consent_to_a_part_of_the_name_is_no_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "made-up-too made")
    assert consent_missing(card("research"))


@pytest.mark.parametrize("licence", sorted(id for id, one in LICENCES.items() if one.commercial))
def test_a_licence_that_allows_commerce_asks_for_nothing(licence: str) -> None:
    assert not consent_missing(card(licence))


def test_a_licence_without_an_address_points_at_the_source() -> None:
    with pytest.raises(LicenceError) as caught:
        require_consent(card("research"))
    assert caught.value.problems[0] == "read https://example.org/made-up"


def test_downloads_are_told_to_whoever_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes(b"id,text\n")
    seen: list[int] = []

    def load() -> Splits:
        file = fetch(File(path="made/up.csv", url=source.as_uri()))
        return Splits(name="made-up", files={"made/up.csv": file.sha256})

    monkeypatch.setattr(dataset.DATASETS, "get", lambda name: load)
    monkeypatch.setattr(dataset, "card_of", lambda name: None)
    load_dataset("made-up", on_progress=lambda done, _: seen.append(done))
    assert seen == [0, 8]
