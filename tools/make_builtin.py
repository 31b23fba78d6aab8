"""
Makes the built-in model, stage by stage; a stage that is done is not done again.

python tools/make_builtin.py                   from text to what ships: `make builtin`
python tools/make_builtin.py --keep-decoder    the pretrained decoder in 16 bits, so that a fresh clone need not pretrain

    decoder       recipes/builtin/decoder.toml: a language, from text alone
    onwards       recipes/builtin/onwards.toml, where there is one: the same, gone on with
    final         recipes/builtin/final.toml with three seeds; no test part is looked at
    calibrated    the seed that is best on dev, calibrated on dev
    exported      in 16 bits, for engines without torch
    shipped       in the package, with all its sources in its manifest

What each stage came to stands in runs/builtin/stages.json. A stage whose recipe was changed is made anew, and all after it.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

from hatetinyllm.builtin import place
from hatetinyllm.bundle import Manifest, read_bundle, write_again
from hatetinyllm.cli.output import err, say_error
from hatetinyllm.cli.progress import Watch
from hatetinyllm.cli.stop import Stop
from hatetinyllm.config.recipe import Section, read_recipe, resolve, to_toml
from hatetinyllm.errors import BundleError, HateTinyLLMError
from hatetinyllm.folder import SUMS, digest_of, write_text_whole
from hatetinyllm.inference.detector import Detector
from hatetinyllm.inference.export import export
from hatetinyllm.models.weights import read_shapes
from hatetinyllm.plain import plain, to_json
from hatetinyllm.pretraining import sections as of_pretraining
from hatetinyllm.pretraining.follow import pretrain
from hatetinyllm.studies.calibrate import Wanted, calibrate_bundle
from hatetinyllm.training import sections as of_training
from hatetinyllm.training.seeds import is_of_seeds, train_seeds
from kept_decoder import Kept, keep_decoder, read_kept, sources_in

ROOT = Path(__file__).resolve().parent.parent
PRETRAINED = ("decoder", "onwards")
WEIGHTS = "model.safetensors"
SEEDS = 3
MOST_BYTES, MOST_PARAMETERS = 16_000_000, 8_000_000
PROBE = "the weather is nice today"
Record = dict[str, Any]
OnEvent = Callable[[object], None]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where recipes stand and runs go: relative, so that no bundle tells of a machine."""

    recipes: Path = Path("recipes/builtin")
    runs: Path = Path("runs/builtin")

    @property
    def kept(self) -> Path:
        """The decoder that is kept beside the recipes."""
        return self.recipes / "decoder"

    @property
    def records(self) -> Path:
        """What every stage came to."""
        return self.runs / "stages.json"


@dataclass(frozen=True, kw_only=True)
class Made:
    """Where a stage's weights lie, and what it came to."""

    folder: Path
    figures: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage: what decides it, in words, and how it is made from the folder of the one before; `anew` drops what was begun."""

    name: str
    asked: str
    make: Callable[..., Made]  # (before: Path | None, *, anew: bool, on_event: OnEvent)


def build(places: Places, on_event: OnEvent, say: Callable[[str], None]) -> dict[str, Record]:
    """Do what is left to be done."""
    records = read_records(places)
    before, anew = Record(), False
    for stage in stages(places, say):
        record, key = records.get(stage.name), {"recipe": _digest(stage.asked), "from": before.get("made", "")}
        if not anew and record is not None and _is_whole(record, key):
            say(f"{stage.name}: done already")
            before = record
            continue
        if record is not None and record["recipe"] != key["recipe"]:
            say(f"{stage.name}: its recipe was changed since: it is made anew, and all after it")
        anew = anew or (record is not None and {name: record[name] for name in key} != key)
        _write(places, records, stage.name, key)
        say(f"{stage.name}: {'made anew' if anew else 'made, or gone on with'}")
        made = stage.make(Path(before["folder"]) if before else None, anew=anew, on_event=on_event)
        before = {**key, "made": _mark(made.folder), "weights": digest_of(made.folder / WEIGHTS)}
        before |= {"folder": made.folder.as_posix(), "figures": plain(made.figures)}
        _write(places, records, stage.name, before)
    return records


def stages(places: Places, say: Callable[[str], None]) -> Iterator[Stage]:
    """The stages in their order; a decoder that is kept stands for its pretraining where nobody pretrained here."""
    recipes = pretraining_recipes(places)
    kept = None if (places.runs / PRETRAINED[0]).exists() else read_kept(places.kept)
    if kept is not None and kept.recipes != {name: _digest(asked) for name, asked in recipes.items()}:
        say(f"the decoder in {places.kept} is of other recipes than those beside it: it is left, and one is pretrained")
        kept = None
    if kept is not None:
        say(f"beginning from the decoder that is kept in {places.kept}: nothing is pretrained")
        yield Stage(name=PRETRAINED[0], asked="".join(recipes.values()), make=partial(_begin, kept))
    else:
        for name, asked in recipes.items():
            yield Stage(name=name, asked=asked, make=partial(_pretrain, places, name))
    sources = kept.sources if kept else partial(sources_in, [places.runs / name for name in recipes])
    final = _resolved(read_recipe(places.recipes / "final.toml"), of_training.sections())
    yield Stage(name="final", asked=f"{final}\n{SEEDS} seeds", make=partial(_train, places))
    yield Stage(name="calibrated", asked=to_json(plain(Wanted())), make=partial(_calibrate, places))
    yield Stage(name="exported", asked="16 bits", make=partial(_export, places))
    yield Stage(name="shipped", asked=f"{MOST_BYTES} {MOST_PARAMETERS}", make=partial(_ship, sources))


def pretraining_recipes(places: Places) -> dict[str, str]:
    """The resolved recipe of each stage of pretraining that there is."""
    found = {name: places.recipes / f"{name}.toml" for name in PRETRAINED if (places.recipes / f"{name}.toml").is_file()}
    begins = {PRETRAINED[0]: None, PRETRAINED[1]: places.runs / PRETRAINED[0] / "model"}
    return {name: _resolved(_begun(path, begins[name]), of_pretraining.sections()) for name, path in found.items()}


def _begun(path: Path, before: Path | None) -> dict[str, Any]:
    """A recipe, from the checkpoint of the stage before where there is one."""
    given = read_recipe(path)
    return given if before is None else {**given, "model": {**given["model"], "id": before.as_posix()}}


def _begin(kept: Kept, before: None, *, anew: bool, on_event: OnEvent) -> Made:
    return Made(folder=kept.folder, figures={**kept.figures, "kept": True})


def _pretrain(places: Places, name: str, before: Path | None, *, anew: bool, on_event: OnEvent) -> Made:
    run = places.runs / name
    resume = (run / "recipe.toml").is_file() and not anew
    given = _begun(places.recipes / f"{name}.toml", before)
    outcome = pretrain(given, run, resume=resume, overwrite=anew, on_event=on_event)
    figures = {"bits_per_byte": outcome.bits_per_byte, "tokens": outcome.tokens, "steps": outcome.steps}
    return Made(folder=outcome.model, figures=figures)


def _train(places: Places, before: Path, *, anew: bool, on_event: OnEvent) -> Made:
    run = places.runs / "final"
    resume = is_of_seeds(run) and not anew
    given, how = _begun(places.recipes / "final.toml", before), {"resume": resume, "overwrite": anew}
    outcome = train_seeds(given, run, seeds=None if resume else SEEDS, dev_only=True, on_event=on_event, **how)
    dev = {one.seed: float((one.dev.metrics["macro_f1"] if one.dev else None) or 0) for one in outcome.seeds}
    best = max(outcome.seeds, key=lambda one: dev[one.seed])
    figures = {"best": best.seed, "dev_macro_f1": {str(seed): value for seed, value in dev.items()}}
    return Made(folder=best.bundle.folder, figures={**figures, "spread": outcome.spread.get("dev", {}).get("macro_f1")})


def _calibrate(places: Places, before: Path, *, anew: bool, on_event: OnEvent) -> Made:
    detector = Detector.open(before)
    outcome = calibrate_bundle(detector, Wanted())
    written = write_again(detector.bundle, places.runs / "calibrated", outcome.manifest)
    fitted = {detector.heads[0].name: outcome.calibrated, **{name: one.calibrated for name, one in outcome.beside.items()}}
    figures = {
        name: {"temperature": one.scaling.temperature, "before": one.before, "after": one.after, "modes": sorted(one.bands)}
        for name, one in fitted.items()
    }
    return Made(folder=written.folder, figures=figures)


def _export(places: Places, before: Path, *, anew: bool, on_event: OnEvent) -> Made:
    folder = places.runs / "exported"
    if folder.exists():
        shutil.rmtree(folder)
    made = export(read_bundle(before), folder, half=True)
    return Made(folder=folder, figures={"bytes": made.weights_bytes, "largest_change": made.change, "probes": made.probes})


def _ship(sources: Callable[[], list[Record]], before: Path, *, anew: bool, on_event: OnEvent) -> Made:
    """Into the package, once it is small enough; it must answer from there."""
    bundle = read_bundle(before)
    size, count = bundle.weights.stat().st_size, sum(map(prod, read_shapes(bundle.weights).values()))
    problems = [f"its weights take {size:,} bytes, allowed are {MOST_BYTES:,}"] if size > MOST_BYTES else []
    problems += [f"it has {count:,} parameters, allowed are {MOST_PARAMETERS:,}"] if count > MOST_PARAMETERS else []
    if problems:
        raise BundleError(f"{before} is too large to ship", problems)
    shipped = write_again(bundle, place.FOLDER, with_sources(bundle.manifest, sources()))
    score = Detector.open(place.BUILTIN).classify(PROBE).score
    return Made(folder=place.FOLDER, figures={"bytes": size, "parameters": count, "identity": shipped.identity, "probe": score})


def with_sources(manifest: Manifest, sources: list[Record]) -> Manifest:
    """The manifest that names what the decoder read too: its licences bind whoever uses the whole."""
    if not sources or manifest.data is None:
        return manifest
    told = ", ".join(f"{one['name']} ({' and '.join(one['licences'])})" for one in sources)
    licences = dict.fromkeys((*manifest.data.licences, *(id for one in sources for id in one["licences"])))
    notes = (*manifest.data.notes, f"its decoder was pretrained on the texts of {told}")
    return replace(manifest, base_licence="", data=replace(manifest.data, licences=tuple(licences), notes=notes))


def keep(places: Places) -> Path:
    """The decoder of the last stage of pretraining, with what it came to, beside the recipes."""
    recipes, records = pretraining_recipes(places), read_records(places)
    runs = {name: places.runs / name for name in recipes}
    lacking = [f"{run}: {name} is not done" for name, run in runs.items() if not (run / "model" / WEIGHTS).is_file()]
    stale = [name for name, run in runs.items() if not lacking and digest_of(run / "recipe.toml") != _digest(recipes[name])]
    lacking += [f"{name}.toml was changed since it was followed" for name in stale]
    if lacking:
        raise HateTinyLLMError("there is no decoder to keep", [*lacking, "python tools/make_builtin.py makes it"])
    told = {name: records[name]["figures"] for name in recipes if "figures" in records.get(name, {})}
    return keep_decoder(list(runs.values()), places.kept, {name: _digest(asked) for name, asked in recipes.items()}, told)


def read_records(places: Places) -> dict[str, Record]:
    """What every stage came to, as far as they have come."""
    if not places.records.is_file():
        return {}
    found: dict[str, Record] = json.loads(places.records.read_text(encoding="utf-8"))
    return found


def _write(places: Places, records: dict[str, Record], name: str, record: Record) -> None:
    records[name] = record
    places.runs.mkdir(parents=True, exist_ok=True)
    write_text_whole(places.records, to_json(records, indent=2) + "\n")


def _is_whole(record: Record, key: Mapping[str, str]) -> bool:
    """Whether a stage was done, from the same recipe and beginning, and what it made is still there."""
    if "made" not in record or any(record[name] != value for name, value in key.items()):
        return False
    folder = Path(record["folder"])
    return (folder / WEIGHTS).is_file() and _mark(folder) == record["made"]


def _mark(folder: Path) -> str:
    """What tells one content of a folder from another."""
    return digest_of(folder / SUMS if (folder / SUMS).is_file() else folder / WEIGHTS)


def _resolved(given: Mapping[str, Any], sections: Mapping[str, Section]) -> str:
    """A recipe with every default, as a run keeps it: a changed comment changes nothing."""
    return to_toml(resolve(given, sections), sections)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


def main(words: list[str] | None = None) -> int:
    """Builds or keeps; what goes wrong is told in words."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep-decoder", action="store_true", help="keep the pretrained decoder beside the recipes")
    parser.add_argument("--recipes", type=Path, default=Places.recipes)
    parser.add_argument("--runs", type=Path, default=Places.runs)
    asked = parser.parse_args(words)
    os.chdir(ROOT)
    places = Places(recipes=asked.recipes, runs=asked.runs)
    try:
        if asked.keep_decoder:
            print(keep(places))
            return 0
        with Watch(err(), quiet=False) as watch, Stop() as stop:

            def on_event(event: object) -> None:
                watch(event)
                stop.step_done(training=type(event).__name__ == "Step")

            for name, record in build(places, on_event, lambda said: print(said, flush=True)).items():
                print(f"{name:<11}{record.get('weights', '')[:12]}  {json.dumps(record.get('figures', {}))}")
    except KeyboardInterrupt:
        print("stopped; go on by the same command", file=sys.stderr)
        return 130
    except HateTinyLLMError as error:
        say_error("error", error.message, error.problems, as_json=False)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
