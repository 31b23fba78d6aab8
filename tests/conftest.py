"""Fixtures shared by all tests: a cache of their own, no network, and the real data where it is."""

import json
import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has an empty cache, no mirror and no consent of the developer's own."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("HATETINYLLM_CACHE", str(folder))
    monkeypatch.delenv("HATETINYLLM_ACCEPT", raising=False)
    monkeypatch.delenv("HATETINYLLM_DATA", raising=False)
    return folder


REAL_DATA = os.environ.get("HATETINYLLM_DATA")


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> Path:
    """The folder of real datasets; without it the test is skipped, and says so."""
    if not REAL_DATA:
        pytest.skip("HATETINYLLM_DATA is not set: the real datasets are not here")
    monkeypatch.setenv("HATETINYLLM_DATA", REAL_DATA)
    return Path(REAL_DATA)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], Path]:
    """Makes a tiny mirror of made-up files, each marked as a variant, and names it in HATETINYLLM_DATA."""

    def make(files: Mapping[str, str]) -> Path:
        root = tmp_path / "mirror"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode("utf-8"))
        entries = [
            {"path": path, "sha256": sha256(text.encode("utf-8")).hexdigest(), "exact": False, "source": "made up for a test"}
            for path, text in files.items()
        ]
        (root / "manifest.json").write_text(json.dumps(entries), encoding="utf-8")
        monkeypatch.setenv("HATETINYLLM_DATA", str(root))
        return root

    return make
