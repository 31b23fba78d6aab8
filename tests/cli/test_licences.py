"""What a bundle or datasets oblige to."""

from pathlib import Path


def test_one_non_commercial_part_makes_the_whole_so(call) -> None:
    found = call("licences", "hateval", "dynahate", "--json").json
    assert found["licences"] == {"hateval": ["cc-by-nc-4.0"], "dynahate": ["citation"]}
    assert found["effective"]["commercial"] is False
    assert "no commercial use" in call("licences", "hateval", "dynahate").out


def test_a_bundle_answers_for_its_data(call, golden_bundle: Path) -> None:
    assert call("licences", golden_bundle, "--json").json["effective"]["commercial"] is True


def test_an_unknown_name_is_told(call) -> None:
    answer = call("licences", "hatevla")
    assert answer.code == 2
    assert "did you mean 'hateval'" in answer.err


def test_a_folder_of_a_datasets_name_does_not_hide_it(call, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path)
    assert call("licences", "demo", "--json").json["effective"]["commercial"] is True


def test_the_built_in_is_named_by_its_word(call, built_in: Path) -> None:
    assert list(call("licences", "builtin", "--json").json["licences"]) == ["builtin"]
