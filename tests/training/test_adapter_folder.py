"""What stands in the way of an adoption, as far as folders tell."""

from pathlib import Path

import pytest

from hatetinyllm.errors import ModelError
from hatetinyllm.training.adapter_folder import check_folders


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "adapter"
    folder.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (folder / name).write_bytes(b"{}")
    return folder


def test_a_folder_with_both_files_and_a_free_place_will_do(adapter: Path, tmp_path: Path) -> None:
    check_folders(adapter, tmp_path / "bundle")


def test_a_folder_that_is_not_there_is_told_with_the_nearest(adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no folder .* \(did you mean 'adapter'\?\)"):
        check_folders(adapter.with_name("adaptor"), tmp_path / "bundle")
    with pytest.raises(ModelError, match=r"there is no folder '[^ ]*'$"):
        check_folders(adapter.with_name("zzz"), tmp_path / "bundle")
    with pytest.raises(ModelError, match="is no folder"):
        check_folders(adapter / "adapter_config.json", tmp_path / "bundle")


def test_a_place_that_is_taken_is_told_as_such(adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is there already") as caught:
        check_folders(adapter, tmp_path)
    assert "--out" in caught.value.problems[0]


def test_what_is_missing_in_it_is_told(adapter: Path, tmp_path: Path) -> None:
    weights = adapter / "adapter_model.safetensors"
    pickled = weights.rename(adapter / "adapter_model.bin")
    with pytest.raises(ModelError, match="can run code"):
        check_folders(adapter, tmp_path / "bundle")
    pickled.unlink()
    with pytest.raises(ModelError, match="no weights"):
        check_folders(adapter, tmp_path / "bundle")
    (adapter / "adapter_config.json").unlink()
    with pytest.raises(ModelError, match="no adapter of PEFT"):
        check_folders(adapter, tmp_path / "bundle")
