"""What the house rules read: every module of the package as a syntax tree, and the tables of ARCHITECTURE.md."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def paths() -> Mapping[str, Path]:
    """Module name -> file; a package goes by its folder's name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    assert found, f"no module under {SOURCE}"
    return found


@pytest.fixture(scope="session")
def trees(paths: Mapping[str, Path]) -> Mapping[str, ast.Module]:
    return {name: ast.parse(path.read_text(encoding="utf-8"), str(path)) for name, path in paths.items()}


@pytest.fixture(scope="session")
def page_tables() -> list[list[list[str]]]:
    """The tables of ARCHITECTURE.md: rows of cells, the backquotes taken off, the heading first."""
    tables: list[list[list[str]]] = [[]]
    for line in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            tables += [[]] if tables[-1] else []
        elif not re.fullmatch(r"[|\-: ]+", line):
            tables[-1].append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return [table for table in tables if table]
