"""`compare` reads stored judgements, tells what differs, and shows rows masked."""

from pathlib import Path

import pytest

FEW = ("--draws", 100)


@pytest.fixture
def judged(call, golden_bundle: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The same bundle in two modes."""
    found = []
    for mode in ("best-guess", "balanced"):
        to = tmp_path / mode
        assert call("evaluate", golden_bundle, "--mode", mode, "--out", to, "--no-baseline", "--swaps", 0, *FEW).code == 0
        found.append(to)
    return found[0], found[1]


def test_two_judgements_side_by_side(call, judged) -> None:
    answer = call("compare", f"guess={judged[0]}", f"balanced={judged[1]}", *FEW)
    assert answer.code == 0
    assert "guess against balanced" in answer.out
    assert "McNemar" in answer.out
    assert "sign flips of groups of kin" in answer.out
    assert "only balanced is right" in answer.out
    assert "text (masked)" in answer.out
    assert "·" in answer.out
    assert "each answers in its own mode" in answer.err


def test_texts_are_shown_when_asked_for(call, judged) -> None:
    shown = call("compare", f"guess={judged[0]}", f"balanced={judged[1]}", "--show-text", *FEW).out
    assert "text (masked)" not in shown
    assert "·" not in shown


def test_a_program_gets_ids_and_no_text(call, judged) -> None:
    found = call("compare", f"guess={judged[0]}", f"balanced={judged[1]}", "--json", *FEW).json
    assert found["pairs"][0]["only_other"]
    assert found["pairs"][0]["differences"][3]["metric"] == "auroc"
    assert found["pairs"][0]["differences"][3]["difference"] == 0


def test_seeds_of_one_system_are_joined_by_commas(call, judged) -> None:
    found = call("compare", f"both={judged[0]},{judged[1]}", f"one={judged[0]}", "--json", *FEW).json
    assert found["systems"] == ["both", "one"]
    assert found["pairs"][0]["mcnemar"] is None


def test_rows_are_shown_by_their_ids_where_the_data_is_gone(call, judged, monkeypatch) -> None:
    from hatetinyllm.errors import DataError

    def gone(judgement: object) -> None:
        raise DataError("the file is gone")

    monkeypatch.setattr("hatetinyllm.studies.texts.texts_of", gone)
    answer = call("compare", f"guess={judged[0]}", f"balanced={judged[1]}", *FEW)
    assert answer.code == 0
    assert "shown by their ids: the file is gone" in answer.err


@pytest.mark.parametrize(("words", "said"), [(["nowhere", "nowhere"], "no judgement"), (["=x", "=y"], "NAME=FOLDER")])
def test_what_cannot_be_compared_is_told(call, words: list[str], said: str) -> None:
    answer = call("compare", *words)
    assert answer.code == 2
    assert said in answer.err


def test_the_same_name_twice_is_told_with_the_way_out(call, judged) -> None:
    answer = call("compare", *judged)
    assert answer.code == 2
    assert "NAME=FOLDER gives another" in answer.err


def test_judgements_by_the_rows_of_train_are_a_learning_curve(call, judged) -> None:
    answer = call("compare", *judged, "--curve", "macro_f1")
    assert answer.code == 0
    assert "by the rows of train" in answer.out
    assert "●" in answer.out
    found = call("compare", *judged, "--curve", "macro_f1", "--json").json
    assert found["points"][0]["seeds"] == 2
    wrong = call("compare", *judged, "--curve", "macrof1")
    assert wrong.code == 2
    assert "did you mean 'macro_f1'?" in wrong.err
