"""The built-in model's stages, proved with tiny recipes: made once, gone on with, made anew where a recipe was changed."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hatetinyllm.builtin import place
from hatetinyllm.bundle import read_bundle
from hatetinyllm.errors import BundleError
from hatetinyllm.inference.detector import Detector
from hatetinyllm.models import hub

WORDS = ("sea", "sky", "hill", "road", "wind", "rain")
DECODER = """
[corpus]
files = ["{texts}"]
held_out_share = 0.2

[vocabulary]
size = 320

[model]
name = "scratch"
layers = 1
width = 16
heads = 2
max_tokens = 64

[pretrain]
steps = 6
row_tokens = 16
batch_rows = 4
device = "cpu"
made = false
precision = "fp32"
"""
FINAL = """
[data]
name = "demo"

[sample]
rows = 300

[split]
name = "official"

[text]
max_tokens = 32
overlap_tokens = 8

[model]
name = "hub"
id = "nowhere"

[tuning]
name = "full"

[train]
epochs = 1
batch_size = 64
learning_rate = 5e-3
device = "cpu"
threads = 1

[bundle]
form = "standalone"
"""
STAGES = ["decoder", "final", "calibrated", "exported", "shipped"]


@dataclass
class Work:
    """The tool on recipes and runs of the test's own; `said` is what it told last."""

    tool: ModuleType
    places: Any
    said: list[str] = field(default_factory=list)

    def build(self, on_event: Callable[[object], None] = lambda event: None) -> dict[str, dict[str, Any]]:
        self.said.clear()
        found: dict[str, dict[str, Any]] = self.tool.build(self.places, on_event, self.said.append)
        return found

    def change(self, recipe: str, old: str, new: str) -> None:
        path = self.places.recipes / recipe
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    def done(self) -> list[str]:
        return [line.partition(":")[0] for line in self.said if line.endswith("done already")]


@pytest.fixture
def work(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    spec = spec_from_file_location("make_builtin", root / "tools" / "make_builtin.py")
    assert spec is not None
    assert spec.loader is not None
    tool = module_from_spec(spec)
    monkeypatch.syspath_prepend(root / "tools")
    monkeypatch.setitem(sys.modules, "make_builtin", tool)
    spec.loader.exec_module(tool)
    monkeypatch.setattr(place, "FOLDER", tmp_path / "package" / "bundle")
    lines = [f"The {one} was calm and the {two} was loud on day {day}." for day in range(9) for one in WORDS for two in WORDS]
    (tmp_path / "texts.txt").write_text("\n".join(lines), encoding="utf-8")
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    (recipes / "decoder.toml").write_text(DECODER.format(texts=(tmp_path / "texts.txt").as_posix()), encoding="utf-8")
    (recipes / "final.toml").write_text(FINAL, encoding="utf-8")
    return Work(tool=tool, places=tool.Places(recipes=recipes, runs=tmp_path / "runs"))


def test_every_stage_is_done_once_and_what_ships_answers(work: Work) -> None:
    records = work.build()
    assert list(records) == STAGES
    dev = records["final"]["figures"]["dev_macro_f1"]
    assert len(dev) == 3
    assert dev[str(records["final"]["figures"]["best"])] == max(dev.values())
    assert records["calibrated"]["weights"] == records["final"]["weights"] != records["exported"]["weights"]
    manifest = read_bundle(place.FOLDER).manifest
    assert manifest.calibration is not None
    assert manifest.data is not None
    assert any("pretrained on the texts of texts" in note for note in manifest.data.notes)
    assert Detector.open("builtin").classify("the weather is nice today").score == records["shipped"]["figures"]["probe"]
    before = {name: record["made"] for name, record in records.items()}
    assert {name: record["made"] for name, record in work.build().items()} == before
    assert work.done() == STAGES


def test_a_changed_recipe_is_told_and_made_anew_with_all_after_it(work: Work) -> None:
    before = work.build()
    work.change("final.toml", "epochs = 1", "epochs = 2  # twice")
    after = work.build()
    assert work.done() == ["decoder"]
    assert any(line.startswith("final: its recipe was changed") for line in work.said)
    assert {name for name in STAGES if after[name]["made"] != before[name]["made"]} == set(STAGES) - {"decoder"}
    work.change("final.toml", "# twice", "# two times")
    work.build()
    assert work.done() == STAGES


def test_one_that_was_left_goes_on_where_it_was(work: Work) -> None:
    seen: list[object] = []

    def leave(event: object) -> None:
        seen.append(event)
        if getattr(event, "name", "") == "seed" and "(2 of 3)" in event.detail:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work.build(leave)
    first = work.places.runs / "final" / "seed-42" / "bundle" / "manifest.json"
    written = first.stat().st_mtime_ns
    assert list(work.build()) == STAGES
    assert work.done() == ["decoder"]
    assert first.stat().st_mtime_ns == written


def test_pretraining_goes_on_where_there_is_a_recipe_for_that(work: Work) -> None:
    onwards = DECODER.replace("size = 320", "size = 0").replace('"scratch"', '"hub"\nid = "nowhere"')
    onwards = "\n".join(line for line in onwards.splitlines() if not line.startswith(("layers", "width", "heads", "max_tokens")))
    texts = work.places.recipes.parent / "texts.txt"
    (work.places.recipes / "onwards.toml").write_text(onwards.format(texts=texts.as_posix()), encoding="utf-8")
    records = work.build()
    assert list(records) == ["decoder", "onwards", *STAGES[1:]]
    assert records["onwards"]["from"] == records["decoder"]["made"]
    assert records["onwards"]["weights"] != records["decoder"]["weights"]


def test_a_kept_decoder_spares_a_fresh_clone_the_pretraining(work: Work) -> None:
    first = work.build()["decoder"]
    kept = work.tool.keep(work.places)
    loaded = hub.load(2, id=str(kept))
    assert {str(parameter.dtype) for parameter in loaded.net.parameters()} == {"torch.float32"}
    fresh = work.tool.Places(recipes=work.places.recipes, runs=work.places.runs.with_name("fresh"))
    work.places = fresh
    records = work.build()
    assert any("beginning from the decoder that is kept" in line for line in work.said)
    assert not (fresh.runs / "decoder").exists()
    assert records["decoder"]["figures"]["bits_per_byte"] == pytest.approx(first["figures"]["bits_per_byte"])
    manifest = read_bundle(place.FOLDER).manifest
    assert manifest.base_licence == ""
    assert manifest.data is not None
    assert "own" in manifest.data.licences
    work.change("decoder.toml", "steps = 6", "steps = 7")
    work.said.clear()
    assert [stage.name for stage in work.tool.stages(fresh, work.said.append)] == STAGES
    assert "is of other recipes" in work.said[0]


def test_what_is_too_large_does_not_ship(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work.tool, "MOST_PARAMETERS", 100)
    with pytest.raises(BundleError, match="too large to ship"):
        work.build()
    assert not place.FOLDER.exists()


def test_nothing_is_kept_before_it_is_made(work: Work, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--keep-decoder", "--recipes", str(work.places.recipes), "--runs", str(work.places.runs)]
    assert work.tool.main(words) == 2
    assert "no decoder to keep" in capsys.readouterr().err
