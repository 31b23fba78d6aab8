"""`report` writes pages and cards of stored judgements, and nothing over what is not its own."""

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def stored(golden_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judgement of the committed bundle on the demo's test part."""
    from hatetinyllm.cli.main import start

    folder = tmp_path_factory.mktemp("judged") / "golden"
    assert start(["evaluate", str(golden_bundle), "--out", str(folder), "--draws", "100", "--swaps", "0", "--json"]) == 0
    return folder


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """What a person says of a model."""
    file = tmp_path / "about.toml"
    file.write_text('contact = "ada@example.org"\nleak_probe = "made up"\nfunctions = "made up"\n', encoding="utf-8")
    return file


def test_a_page_and_a_card_are_written(call, stored: Path, words: Path, tmp_path: Path) -> None:
    page, card = tmp_path / "new" / "page.html", tmp_path / "README.md"
    found = call("report", stored, "--out", page, "--card", card, "--about", words, "--json")
    assert found.json == {"written": [str(card), str(page)]}
    assert "<title>golden on demo test</title>" in page.read_text(encoding="utf-8")
    assert "pipeline_tag: " in card.read_text(encoding="utf-8")
    assert call("report", stored, "--out", page, "--card", card, "--about", words).code == 0  # over its own


def test_a_page_is_the_same_each_time_and_holds_no_text(call, stored: Path, tmp_path: Path) -> None:
    from hatetinyllm.data.dataset import load_dataset

    for name in ("one.html", "two.html"):
        assert call("report", stored, "--out", tmp_path / name).code == 0
    page = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert str(stored.parent) not in page  # no place of this machine
    assert page == (tmp_path / "two.html").read_text(encoding="utf-8")
    assert not [example.id for example in load_dataset("demo", seed=7).test if example.text in page]


def test_texts_come_from_the_users_own_copy_where_they_are_asked_for(call, stored: Path, tmp_path: Path) -> None:
    answer = call("report", stored, "--out", tmp_path / "page.html", "--embed-text")
    assert answer.code == 0
    assert "holds texts of the data" in answer.err
    assert '<details class="text">' in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_card_that_lacks_something_is_refused_before_anything_is_written(call, stored: Path, tmp_path: Path) -> None:
    answer = call("report", stored, "--out", tmp_path / "page.html", "--card", tmp_path / "README.md", "--json")
    assert answer.code == 2
    assert [problem.split(":")[0] for problem in answer.error["problems"]] == [
        "Leak probe",
        "Functional tests",
        "Contact and appeals",
    ]
    assert not list(tmp_path.iterdir())


def test_what_is_not_its_own_is_left_alone(call, stored: Path, tmp_path: Path) -> None:
    mine = tmp_path / "README.md"
    mine.write_text("mine", encoding="utf-8")
    answer = call("report", stored, "--card", mine, "--out", tmp_path, "--json")
    assert answer.code == 2
    assert len(answer.error["problems"]) == 2
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_folder_of_judgements_stands_for_all_of_them(call, stored: Path, tmp_path: Path) -> None:
    assert call("report", stored.parent, "--out", tmp_path / "page.html").code == 0
    assert "golden on demo test" in (tmp_path / "page.html").read_text(encoding="utf-8")
    answer = call("report", stored.parent, stored, "--out", tmp_path / "other.html", "--json")
    assert "named twice" in answer.error["message"]


def test_the_page_is_the_default_unless_a_card_is_asked_for(
    call, stored: Path, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("report", stored, "--card", "README.md", "--about", words).code == 0
    assert not Path("report.html").exists()
    assert call("report", stored).out == "report.html\n"


def test_what_cannot_be_read_is_told(call, stored: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "other.json").write_text(json.dumps({"a": 1}), encoding="utf-8")
    assert "is not JSON" in call("report", stored, "--audit", tmp_path / "broken.json", "--json").error["message"]
    assert "holds no audit" in call("report", stored, "--audit", tmp_path / "other.json", "--json").error["message"]
    assert "no result of a suite" in call("report", stored, "--suite", tmp_path / "other.json", "--json").error["message"]
    assert "there is no judgement" in call("report", tmp_path / "nothing", "--json").error["message"]
    assert call("report", "--json").code == 2
