"""The release path: one version, pinned actions, tested versions for all that is asked for, generated pages not stale."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hatetinyllm.version import __version__


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pinned}


def test_the_version_is_the_same_wherever_people_read_it(root: Path) -> None:
    assert f"\nversion: {__version__}\n" in (root / "CITATION.cff").read_text(encoding="utf-8")
    newest = re.search(r"^## \[?(\d\S*?)\]? - ", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest, "CHANGELOG.md has no heading such as: ## [0.1.0] - unreleased"
    assert newest.group(1) == __version__


def test_every_dependency_has_a_tested_version_that_fits(project: dict[str, Any], pins: dict[str, str]) -> None:
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    for requirement in map(Requirement, asked):
        if requirement.name != project["name"]:
            pinned = pins.get(canonicalize_name(requirement.name))
            assert pinned, f"constraints.txt has no tested version of {requirement.name}"
            assert pinned in requirement.specifier, f"{requirement} leaves out {pinned}, the tested version"


def test_every_dependency_tells_its_reason(root: Path) -> None:
    lines = (root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if re.match(r'\s+"[A-Za-z_-]+\s*[<>=~!]', line)]
    assert len(asked) > 10
    assert not [line for line in asked if not re.search(r"#\s*\S", line)]


def test_every_action_of_a_workflow_is_pinned_by_its_hash_and_says_its_version(root: Path) -> None:
    used = [
        (path.name, line.strip())
        for path in sorted((root / ".github" / "workflows").glob("*.yml"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert used, "no workflow uses an action"
    for file, line in used:
        assert re.search(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), f"{file}: {line}"


def test_the_continuous_integration_runs_make_check_and_nothing_else(root: Path) -> None:
    lines = (root / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "make" in line and not line.startswith("#")] == ["exec make check < /dev/null"]


def test_the_generated_pages_are_not_stale() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "tools/make_docs.py", "--check"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
