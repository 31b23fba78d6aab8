"""A bundle is described, for people and programs, once its digests are right."""

from pathlib import Path


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
