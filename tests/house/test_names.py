"""Names: no drawers, a test file for every file, and nothing in a tracked file that only one machine knows."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

DRAWERS = {"util", "utils", "helper", "helpers", "common", "misc", "core", "base", "shared", "tools", "lib"}
NO_TEST_OF_ITS_OWN = {"hatetinyllm.version"}  # one line; tests/house/test_release.py reads it
ONE_MACHINE = re.compile(r"(?<![\w.])/(?:root|home|Users|work|mnt|scratch)/[\w.-]+|[A-Z]:\\Users\\")
LARGE_BYTES = 500_000
KEPT = ("recipes", "builtin", "decoder")  # the pretrained decoder, kept so that a fresh clone need not pretrain
NOT_THE_TREE = ("house", "golden")


@pytest.fixture(scope="module")
def tracked(root: Path) -> list[Path]:
    """The files that git knows, or would know at the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [path for line in listed.stdout.splitlines() if (path := root / line).is_file()]


def test_no_file_is_a_drawer(paths: Mapping[str, Path]) -> None:
    assert not [name for name in paths if name.rpartition(".")[2].strip("_") in DRAWERS]


def test_every_file_has_its_test_file(paths: Mapping[str, Path], root: Path) -> None:
    missing = []
    for module, path in paths.items():
        *folders, name = module.split(".")[1:] or [""]
        expected = root.joinpath("tests", *folders, f"test_{name.strip('_')}.py")
        if path.name != "__init__.py" and module not in NO_TEST_OF_ITS_OWN and not expected.exists():
            missing.append(str(expected.relative_to(root)))
    assert not missing, f"{len(missing)} test files are missing: " + ", ".join(missing)


def test_every_test_file_has_its_file(paths: Mapping[str, Path], root: Path) -> None:
    package = root / "src" / "hatetinyllm"
    shipped = {".".join(path.relative_to(package).with_suffix("").parts) for path in package.rglob("*.*")}  # data files too
    tested = {name.replace("__", "") for name in shipped | {module.removeprefix("hatetinyllm.") for module in paths}}
    strange = []
    for path in (root / "tests").rglob("test_*.py"):
        *folders, name = path.relative_to(root / "tests").with_suffix("").parts
        if not set(folders) & set(NOT_THE_TREE) and ".".join([*folders, name.removeprefix("test_")]) not in tested:
            strange.append(str(path.relative_to(root)))
    assert not strange, "these test no file of their name: " + ", ".join(strange)


def test_no_tracked_file_names_a_place_on_somebodys_machine(tracked: list[Path], root: Path) -> None:
    found = []
    for path in tracked:
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(root)}: {match.group()}" for match in ONE_MACHINE.finditer(text)]
    assert not found, "\n".join(found)


def test_no_data_and_no_weights_are_tracked(tracked: list[Path], root: Path) -> None:
    data = {".csv", ".tsv", ".parquet", ".jsonl", ".safetensors", ".bin", ".pt", ".pkl", ".pickle", ".onnx"}
    strange = [str(path.relative_to(root)) for path in tracked if path.suffix in data and root / "src" not in path.parents]
    assert not [path for path in strange if not path.startswith(("tests/golden/", "recipes/", "docs/results/"))]


def test_no_large_file_is_tracked(tracked: list[Path], root: Path) -> None:
    spared = {root / "src", root.joinpath(*KEPT)}
    large = [
        str(path.relative_to(root)) for path in tracked if path.stat().st_size > LARGE_BYTES and spared.isdisjoint(path.parents)
    ]
    assert not large


@pytest.mark.parametrize("text", ["see /" + "root/venv", "/" + "home/ada/data.csv", "(/" + "Users/ada/x)", "C:" + "\\Users\\ada"])
def test_the_rule_of_places_sees_one(text: str) -> None:
    assert ONE_MACHINE.search(text)


@pytest.mark.parametrize("text", ["https://example.org/home/page", "./Users.md", "net/root/x", "/path/to/python3"])
def test_the_rule_of_places_leaves_addresses_alone(text: str) -> None:
    assert not ONE_MACHINE.search(text)
