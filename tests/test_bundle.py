"""A bundle is read back as written, and refused with the reason when it is damaged, foreign or too new."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm import bundle as bundles
from hatetinyllm.bundle import (
    FORMAT,
    Base,
    Bundle,
    Calibration,
    DataRecord,
    HeadRecord,
    Manifest,
    name_of,
    read_bundle,
    write_again,
    write_bundle,
)
from hatetinyllm.errors import BundleError
from hatetinyllm.folder import SUMS, write_sums
from hatetinyllm.plain import plain
from hatetinyllm.typed import build
from hatetinyllm.types import Band, Choice, Counted, Curve, Head, Interval, ModeRecord, Promise, Result

MANIFEST = Manifest(
    form="standalone",
    heads=(Head(name="hate", labels=("not_hate", "hate"), positive="hate"),),
    bands={"best-guess": Band(low=0.5, high=0.5), "balanced": Band(low=0.4, high=0.6)},
    text={"max_tokens": 8, "prompt": ""},
    model=Choice(name="scratch", options={"layers": 1}),
    tuning=Choice(name="lora", options={"rank": 2}),
    temperatures={"hate": 1.5},
    curve=Curve(scores=(0.0, 0.5, 1.0), values=(0.1, 0.1, 0.9)),
    modes={
        "balanced": ModeRecord(
            rule="the best macro-F1",
            promise=Promise(fpr_at_most=0.01, confidence=0.95, negatives=299, errors=0, bound=0.0099),
            measured={"recall": Counted(rows=1, of=2, interval=Interval(low=0.1, high=0.9))},
        )
    },
    calibration=Calibration(
        method="isotonic",
        name="mine",
        part="dev",
        how="random",
        digest="0",
        asked={"data": {"name": "mine"}},
        files={"a.csv": "0"},
        rows=310,
        positives=10,
        negatives=300,
        independent=299,
        kin="no kin recorded",
        seed=42,
        candidates=1,
        before={"nll": 0.7},
        after={"nll": 0.6},
        bundle="sha256:0",
    ),
    data=DataRecord(name="mine", how="random", digest="0", rows={"train": 3}, files={"a.csv": "0"}, licences=("own",)),
    recipe='[data]\nname = "mine"\n',
    results=(
        Result(
            name="test",
            head="hate",
            positive="hate",
            rows=2,
            prevalence=0.5,
            threshold=0.5,
            metrics={"accuracy": 0.5, "auroc": None},
            confusion={"hate": {"hate": 1}, "not_hate": {"hate": 1}},
        ),
    ),
    made_with={"hatetinyllm": "0"},
    made_at="2026-01-01T00:00:00+00:00",
)


def put_files(folder: Path) -> None:
    for name in ("tokenizer.json", "config.json", "model.safetensors"):
        (folder / name).write_text(name, encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Bundle:
    return write_bundle(tmp_path / "bundle", MANIFEST, put_files)


def test_a_bundle_is_read_back_as_it_was_written(written: Bundle) -> None:
    assert written.manifest == MANIFEST
    assert read_bundle(written.folder).identity == written.identity


def test_an_adapter_bundle_names_its_base(tmp_path: Path) -> None:
    base = Base(source="some/model", revision="abc", sha256="0")
    manifest = Manifest(**{**vars(MANIFEST), "form": "adapter", "base": base})

    def put(folder: Path) -> None:
        put_files(folder)
        (folder / "model.safetensors").rename(folder / "adapter_model.safetensors")

    assert write_bundle(tmp_path / "bundle", manifest, put).manifest.base == base
    with pytest.raises(ValueError, match="names its base"):
        Manifest(**{**vars(MANIFEST), "base": base})


@pytest.mark.parametrize("name", ["manifest.json", "tokenizer.json", "config.json", "model.safetensors", SUMS])
def test_any_flipped_byte_is_refused(written: Bundle, name: str) -> None:
    path = written.folder / name
    for position in range(0, path.stat().st_size, 7):
        content = bytearray(path.read_bytes())
        content[position] ^= 1
        path.write_bytes(content)
        with pytest.raises(BundleError):
            read_bundle(written.folder)
        content[position] ^= 1
        path.write_bytes(content)
    read_bundle(written.folder)


@pytest.mark.parametrize("name", ["manifest.json", "tokenizer.json", "config.json", "model.safetensors", SUMS])
def test_a_missing_file_is_refused_by_name(written: Bundle, name: str) -> None:
    (written.folder / name).unlink()
    with pytest.raises(BundleError, match=name):
        read_bundle(written.folder)


def changed(written: Bundle, change: Callable[[dict[str, Any]], None]) -> Path:
    """The bundle of somebody who knows how to write digests, with another manifest."""
    path = written.folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    write_sums(written.folder)
    return written.folder


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(format=FORMAT + 1), "upgrade hatetinyllm"),
        (lambda m: m.update(format=0), f"has format 0, this version reads 1 to {FORMAT}"),
        (lambda m: m.update(format="1"), "expected a whole number"),
        (lambda m: m.update(thresholds={}), "unknown key 'thresholds'"),
        (lambda m: m.pop("heads"), "'heads' is missing"),
        (lambda m: m.update(form="pickle"), "form is 'pickle'"),
        (lambda m: m["bands"].pop("best-guess"), "best-guess"),
        (lambda m: m["bands"].update(odd={"low": 0.9, "high": 0.1}), "low <= high"),
        (lambda m: m["heads"][0].update(positive="none"), "no label 'none'"),
        (lambda m: m.update(base={"source": "a", "revision": None, "sha256": "0"}), "names its base"),
        (lambda m: m.update(heads=3), "manifest.heads must be a list, got 3"),
        (lambda m: m["heads"][0].update(labels=[0, 1]), r"labels\[0\] must be a text, got 0"),
        (lambda m: m["heads"][0].update(many=True), "a headline of two labels"),
        (lambda m: m.update(text=None), "manifest.text must be an object"),
        (lambda m: m.update(temperatures={"hate": float("nan")}), "temperatures.hate must be a number, got nan"),
        (lambda m: m.update(temperatures={"hate": 1e-320}), "from 0.01 to 100"),
        (lambda m: m.update(temperatures={"type": 2.0}), "a temperature for type, which is no head"),
        (lambda m: m.update(temperature=2.0), "unknown key 'temperature'"),
        (lambda m: m["modes"].update(odd={"rule": "none"}), "a record of odd, which has no band"),
        (lambda m: m.update(curve={"scores": [0.0, 1.0], "values": [0.9, 0.1]}), "never fall"),
        (lambda m: m["calibration"].update(method="guessed"), "method is 'guessed'"),
        (lambda m: m["calibration"].update(part="tset"), "no part 'tset'"),
        (lambda m: m["heads"].append(m["heads"][0]), "a head stands twice"),
        (lambda m: m.update(temperatures={"hate": 10**400}), "beyond all measure"),
        (lambda m: m.update(recipe=5), "manifest.recipe must be a text"),
        (lambda m: m.update(results=[{"a": 1}]), "unknown key 'a'"),
        (lambda m: m.update(made_with=[1]), "made_with must be an object"),
        (lambda m: m.update(languages=["eng"]), "no text can be found not to be in 'eng'.*'en'"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused_with_the_reason(written: Bundle, change, said: str) -> None:
    with pytest.raises(BundleError, match=said):
        read_bundle(changed(written, change))


def test_an_older_format_is_lifted_step_by_step(written: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    def lift(manifest: dict[str, Any]) -> dict[str, Any]:
        manifest["bands"] = manifest.pop("thresholds")
        return manifest

    monkeypatch.setattr(bundles, "UPGRADES", {0: lift, **bundles.UPGRADES})
    folder = changed(written, lambda m: before_format_3(m, format=0, thresholds=m.pop("bands"), text={"max_tokens": 8}))
    assert read_bundle(folder).manifest == PLAIN


PLAIN = replace(MANIFEST, temperatures={}, curve=None, modes={}, calibration=None)


def before_format_3(manifest: dict[str, Any], **changes: Any) -> None:
    for key in ("temperatures", "curve", "modes", "calibration"):
        manifest.pop(key)
    manifest.update({"temperature": 1.0, **changes})


def test_the_first_format_had_no_prompt(written: Bundle) -> None:
    folder = changed(written, lambda m: before_format_3(m, format=1, text={"max_tokens": 8}))
    assert read_bundle(folder).manifest == PLAIN


def test_the_format_before_had_one_temperature_for_all_heads(written: Bundle) -> None:
    def warm(manifest: dict[str, Any]) -> None:
        before_format_3(manifest, format=2)
        manifest["heads"].append({"name": "target", "labels": ["women", "men"], "positive": None, "many": True})
        manifest["temperature"] = 2.5

    assert read_bundle(changed(written, warm)).manifest.temperatures == {"hate": 2.5, "target": 2.5}


def test_the_format_before_without_a_temperature_has_none(written: Bundle) -> None:
    assert read_bundle(changed(written, lambda m: before_format_3(m, format=2))).manifest == PLAIN


@pytest.mark.parametrize("temperature", [float("nan"), "warm", 0, None])
def test_a_temperature_of_the_format_before_that_makes_no_sense_is_refused_too(written: Bundle, temperature: object) -> None:
    with pytest.raises(BundleError, match="temperature"):
        read_bundle(changed(written, lambda m: before_format_3(m, format=2, temperature=temperature)))


def test_a_bundle_is_written_in_the_newest_format(written: Bundle) -> None:
    assert json.loads((written.folder / "manifest.json").read_text(encoding="utf-8"))["format"] == FORMAT == 3


def test_the_same_weights_get_another_manifest(written: Bundle, tmp_path: Path) -> None:
    (written.folder / "beside.txt").write_text("not listed", encoding="utf-8")
    other = write_again(written, tmp_path / "other", replace(MANIFEST, curve=None))
    assert other.manifest == replace(MANIFEST, curve=None)
    assert other.identity != written.identity
    assert other.weights.read_bytes() == written.weights.read_bytes()
    assert not (other.folder / "beside.txt").exists()
    assert read_bundle(written.folder).identity == written.identity


def test_a_manifest_is_replaced_in_place(written: Bundle) -> None:
    weights = written.weights.read_bytes()
    again = write_again(written, written.folder, PLAIN)
    assert (again.folder, again.manifest) == (written.folder, PLAIN)
    assert again.weights.read_bytes() == weights


def test_a_bundle_that_was_damaged_since_is_not_written_again(written: Bundle, tmp_path: Path) -> None:
    written.weights.write_text("other", encoding="utf-8")
    with pytest.raises(BundleError, match="damaged"):
        write_again(written, tmp_path / "other", MANIFEST)


@pytest.mark.parametrize("text", [None, [], "x"])
def test_a_manifest_of_the_format_before_that_makes_no_sense_is_refused_too(written: Bundle, text: object) -> None:
    with pytest.raises(BundleError, match=r"manifest\.text must be an object"):
        read_bundle(changed(written, lambda m: m.update(format=1, text=text)))


def test_what_is_no_bundle_is_told(tmp_path: Path, written: Bundle) -> None:
    with pytest.raises(BundleError, match="did you mean 'bundle'"):
        read_bundle(tmp_path / "bundel")
    with pytest.raises(BundleError, match=r"did you mean .*bundle"):
        read_bundle(tmp_path)
    (written.folder / "manifest.json").write_text("[]", encoding="utf-8")
    write_sums(written.folder)
    with pytest.raises(BundleError, match="must hold an object"):
        read_bundle(written.folder)


def test_a_writer_that_fails_leaves_the_old_bundle(written: Bundle) -> None:
    def fail(folder: Path) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_bundle(written.folder, MANIFEST, fail)
    assert read_bundle(written.folder).identity == written.identity


@pytest.mark.parametrize(("folder", "name"), [("runs/first/bundle", "first"), ("mine", "mine")])
def test_a_bundle_goes_by_its_run(folder: str, name: str, tmp_path: Path) -> None:
    assert name_of(tmp_path / folder) == name


def test_a_mistyped_folder_on_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "first" / "bundle").mkdir(parents=True)
    with pytest.raises(BundleError, match="did you mean 'first'"):
        read_bundle(tmp_path / "frist" / "bundle")


def test_a_record_of_a_head_beside_the_headline_comes_back_and_must_be_of_one() -> None:
    assert MANIFEST.calibration is not None
    offence = Head(name="offence", labels=("not_offensive", "offensive"), positive="offensive")
    bands = {"best-guess": Band(low=0.5, high=0.5)}
    record = HeadRecord(bands=bands, modes={}, calibration=MANIFEST.calibration, curve=MANIFEST.curve)
    made = replace(MANIFEST, heads=(*MANIFEST.heads, offence), beside={"offence": record})
    assert build(Manifest, json.loads(json.dumps(plain(made)))) == made
    for wrong in ("hate", "toxicity"):
        with pytest.raises(ValueError, match=f"a record of {wrong}, which is no head of two labels beside the first"):
            replace(made, beside={wrong: record})
    for broken in ({"bands": {}}, {"modes": {"strict": ModeRecord(rule="none")}}):
        with pytest.raises(ValueError, match="needs the mode best-guess, and a band for every mode"):
            replace(record, **broken)


def test_a_bundle_that_says_nothing_of_languages_is_for_any(written: Bundle, tmp_path: Path) -> None:
    english = write_again(written, tmp_path / "english", replace(written.manifest, languages=("en",)))
    assert read_bundle(english.folder).manifest.languages == ("en",)
    assert read_bundle(changed(written, lambda m: m.pop("languages"))).manifest.languages == ()
