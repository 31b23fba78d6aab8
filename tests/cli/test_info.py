"""A bundle is described, for people and programs, once its digests are right."""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

from hatetinyllm.bundle import MANIFEST, read_bundle, write_bundle
from hatetinyllm.folder import SUMS


def test_everything_a_user_must_know_is_shown(call, golden_bundle: Path) -> None:
    said = call("info", golden_bundle).out
    for word in ("standalone", "sha256:", "not_hate, hate", "best-guess", "balanced", "demo", "normaliser 1", "commercial use"):
        assert word in said, word


def test_json_is_the_manifest(call, golden_bundle: Path) -> None:
    found = call("info", golden_bundle, "--json").json
    assert found["heads"] == [{"name": "hate", "labels": ["not_hate", "hate"], "positive": "hate", "many": False}]
    assert found["identity"].startswith("sha256:")
    assert found["results"][0]["positive"] == "hate"


def test_a_damaged_bundle_is_refused(call, copied_bundle: Path) -> None:
    (copied_bundle / "tokenizer.json").write_text("{}", encoding="utf-8")
    answer = call("info", copied_bundle)
    assert answer.code == 2
    assert "tokenizer.json: sha256 is" in answer.err


def test_the_licence_of_the_base_model_counts(call, golden_bundle: Path, tmp_path: Path) -> None:
    golden = read_bundle(golden_bundle).manifest
    said = {}
    for name, changes in {
        "opt": {"base_licence": "opt-175b"},
        "silent": {"base_licence": "not stated by some/model"},
        "adopted": {"base_licence": "mit", "data": None},
    }.items():
        write_bundle(tmp_path / name, replace(golden, **changes), partial(put, golden_bundle))
        for command in ("info", "licences"):
            said[name, command] = " ".join(call(command, tmp_path / name).out.split())
    for command in ("info", "licences"):
        assert "no commercial use" in said["opt", command]
        assert "not stated; the licence of the base model: not stated by some/model" in said["silent", command]
        assert "what it learnt from is not recorded" in said["adopted", command]
    assert not [told for told in said.values() if "commercial use is allowed;" in told]
    effective = [call("licences", tmp_path / name, "--json").json["effective"] for name in ("opt", "silent", "adopted")]
    assert [one["commercial"] for one in effective] == [False, None, None]


def put(golden: Path, folder: Path) -> None:
    """The files of a bundle, without what its writer makes."""
    for path in golden.iterdir():
        if path.name not in (MANIFEST, SUMS):
            shutil.copy(path, folder)


def test_the_built_in_is_named_by_its_word(call, built_in: Path) -> None:
    assert call("info", "builtin", "--json").json["identity"] == call("info", built_in, "--json").json["identity"]
