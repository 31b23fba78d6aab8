"""
Several seeds of one recipe, one after the other, on rows that are read, parted and encoded once.

    recipe.toml    the resolved recipe, with the first seed
    seeds.json     the seeds, in the order they are trained
    seed-42/       a run like any other, of this seed
    results.json   what each seed's best weights were judged, and the spread of every figure

Gone on with, a seed that is finished is not trained again, and one that was begun goes on from its last checkpoint.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hatetinyllm.bundle import Bundle, read_bundle
from hatetinyllm.config.recipe import Recipe, read_recipe, to_toml
from hatetinyllm.errors import BundleError, RecipeError, TrainingError
from hatetinyllm.evaluation.seeds import Spread, spread_of
from hatetinyllm.folder import remove_leftovers, write_text_whole
from hatetinyllm.plain import to_json
from hatetinyllm.processes import is_first_process
from hatetinyllm.training.follow import Outcome, Stage, check, follow
from hatetinyllm.training.loop import Step
from hatetinyllm.training.material import Material
from hatetinyllm.training.run import LOCK, Run, keep_recipe, locked, open_run, write_note
from hatetinyllm.training.save import UNLOOKED
from hatetinyllm.training.sections import sections
from hatetinyllm.typed import build
from hatetinyllm.types import Result

SEEDS = "seeds.json"
LARGEST = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What one seed came to."""

    seed: int
    run: Path
    bundle: Bundle
    results: tuple[Result, ...]
    dev: Result | None  # of the best weights, as training judged them

    @property
    def test(self) -> Result | None:
        """How the headline fared on the test part, where there is one."""
        return next((result for result in self.results if result.name == "test"), None)


@dataclass(frozen=True, kw_only=True)
class SeedsOutcome:
    """What a recipe came to with each seed, and the spread of the figures over them, part by part."""

    folder: Path
    seeds: tuple[Seeded, ...]
    spread: Mapping[str, Mapping[str, Spread]] = field(default_factory=dict)


def is_of_seeds(folder: Path) -> bool:
    """Whether a folder holds a run of several seeds."""
    return (folder / SEEDS).is_file()


def train_seeds(
    given: Mapping[str, Any] | str | Path,
    out: str | Path,
    *,
    seeds: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    baseline: bool = False,
    dev_only: bool = False,
    on_event: Callable[[Stage | Step], None] = lambda event: None,
) -> SeedsOutcome:
    """Train a recipe with so many seeds, from its own upwards, each in a run of its own; `resume` knows their number."""
    recipe = check(given if isinstance(given, Mapping) else read_recipe(Path(given)))
    place = Run(folder=Path(out), writes=is_first_process())
    chosen = _kept_seeds(place.folder) if resume else _chosen(recipe, seeds)
    if resume and seeds not in (None, len(chosen)):
        raise TrainingError(f"{str(place.folder)!r} was begun with {len(chosen)} seeds, not with {seeds}")
    with _opened(place, recipe, chosen, resume=resume, overwrite=overwrite):
        done, material = list[Seeded](), None
        for number, seed in enumerate(chosen, start=1):
            run = place.folder / f"seed-{seed}"
            finished = _finished(run, seed, dev_only=dev_only)
            told = f"{seed} ({number} of {len(chosen)}), {run}"
            on_event(Stage(name="seed", detail=told + (" is done already" if finished else "")))
            if finished is None:
                how = {"baseline": baseline, "dev_only": dev_only}
                finished, material = _trained(_with_seed(recipe, seed), run, material, **how, on_event=on_event)
            done.append(finished)
        outcome = SeedsOutcome(folder=place.folder, seeds=tuple(done), spread=_spread(done))
        write_note(place, place.results, to_json(summary(outcome), indent=2) + "\n")
    return outcome


def summary(outcome: SeedsOutcome) -> dict[str, Any]:
    """The outcome as it is written and told to programs."""
    told = [
        {"seed": one.seed, "run": one.run, "bundle": one.bundle.folder, "identity": one.bundle.identity}
        | {"dev": one.dev, "results": one.results}
        for one in outcome.seeds
    ]
    return {"run": outcome.folder, "seeds": told, "spread": outcome.spread}


def _chosen(recipe: Recipe, seeds: int | None) -> tuple[int, ...]:
    """The seeds from the recipe's own upwards."""
    first = recipe["train"].options["seed"]
    if seeds is None or seeds < 2:
        raise RecipeError(f"a spread needs two seeds or more, got {seeds}")
    if first + seeds - 1 > LARGEST:
        raise RecipeError(f"train.seed is {first}, and {seeds} seeds from there on go beyond {LARGEST}")
    return tuple(range(first, first + seeds))


def _with_seed(recipe: Recipe, seed: int) -> Recipe:
    train = recipe["train"]
    return replace(recipe, sections={**recipe.sections, "train": replace(train, options={**train.options, "seed": seed})})


def _trained(
    recipe: Recipe,
    folder: Path,
    material: Material | None,
    *,
    baseline: bool,
    dev_only: bool,
    on_event: Callable[[Stage | Step], None],
) -> tuple[Seeded, Material | None]:
    """One seed, from its last checkpoint if it has one; what it read is passed on to the next."""
    begun = is_first_process() and (folder / "recipe.toml").is_file()  # only the first process looks and makes room
    with (
        open_run(folder, resume=begun) as run,
        closing(follow(recipe, run, baseline=baseline, dev_only=dev_only, material=material)) as events,
    ):
        for event in events:
            if isinstance(event, Outcome):
                seed = recipe["train"].options["seed"]
                dev = _best_of(run)
                return Seeded(seed=seed, run=folder, bundle=event.bundle, results=event.results, dev=dev), material
            if isinstance(event, Material):
                material = event
            else:
                on_event(event)
    raise AssertionError("following a recipe ends with its outcome")


def _finished(folder: Path, seed: int, *, dev_only: bool) -> Seeded | None:
    """What a seed came to before; its results are the last that a run writes. One that was not tested is still to be."""
    run = Run(folder=folder)
    if not run.results.is_file():
        return None
    try:
        bundle = read_bundle(run.bundle)
    except BundleError:
        return None
    if not dev_only and bundle.manifest.data and UNLOOKED in bundle.manifest.data.notes:
        return None
    return Seeded(seed=seed, run=folder, bundle=bundle, results=bundle.manifest.results, dev=_best_of(run))


def _best_of(run: Run) -> Result | None:
    """The judgement of the dev part that the run's weights were chosen by, from its log of steps."""
    best = None
    for line in run.steps.read_text(encoding="utf-8").splitlines() if run.steps.is_file() else ():
        with suppress(ValueError):  # a kill may have cut a line short
            told = json.loads(line)
            best = told["dev"] if told["best"] else best
    return None if best is None else build(Result, best, where=str(run.steps))


def _spread(done: Sequence[Seeded]) -> dict[str, Mapping[str, Spread]]:
    parts = {"dev": [one.dev for one in done], "test": [one.test for one in done]}
    found = {part: [result for result in results if result is not None] for part, results in parts.items()}
    return {part: spread_of(results) for part, results in found.items() if len(results) == len(done)}


@contextmanager
def _opened(place: Run, recipe: Recipe, seeds: Sequence[int], *, resume: bool, overwrite: bool) -> Iterator[None]:
    """Hold the folder of all seeds for writing; a start that failed before any seed had begun leaves nothing of its making."""
    with locked(place.folder) if place.writes else nullcontext():
        if place.writes:
            remove_leftovers(place.folder)
            if not resume:
                _make_room(place, overwrite=overwrite)
                write_text_whole(place.folder / SEEDS, json.dumps({"seeds": seeds}) + "\n")
            keep_recipe(place, to_toml(recipe, sections()))
        try:
            yield
        except Exception:
            if place.writes and not any(_runs(place.folder)):
                for name in (place.recipe.name, SEEDS):
                    (place.folder / name).unlink(missing_ok=True)
            raise


def _kept_seeds(folder: Path) -> tuple[int, ...]:
    try:
        kept = json.loads((folder / SEEDS).read_text(encoding="utf-8"))["seeds"]
        return tuple(int(seed) for seed in kept)
    except FileNotFoundError as error:
        raise TrainingError(f"{str(folder)!r} holds no run of several seeds to resume: it has no {SEEDS}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{str(folder / SEEDS)!r} is damaged: it does not say which seeds are to be trained") from error


def _runs(folder: Path) -> Iterator[Path]:
    """The runs of single seeds."""
    return (path for path in folder.glob("seed-*") if path.is_dir() and path.name.removeprefix("seed-").isdecimal())


def _make_room(place: Run, *, overwrite: bool) -> None:
    """Nothing of anybody else's is deleted or written over, and of ours only what may be."""
    runs = list(_runs(place.folder))
    own = {place.results.name, SEEDS, *(path.name for path in runs)}
    own |= {place.recipe.name} if is_of_seeds(place.folder) else set()  # alone it is a person's
    if foreign := sorted(path.name for path in place.folder.iterdir() if path.name not in own and path.name[0] != "."):
        hints = [*foreign[:8], "choose another folder by --out"]
        raise TrainingError(f"{str(place.folder)!r} holds files that are no run's of several seeds", hints)
    if not overwrite and any((run / "bundle").exists() or any(run.glob("checkpoints/step-*")) for run in runs):
        hints = ["go on by --resume, or begin anew by --overwrite"]
        raise TrainingError(f"{str(place.folder)!r} holds a run of several seeds already", hints)
    for run in runs:
        with open_run(run, overwrite=True):
            pass
        if all(path.name == LOCK for path in run.iterdir()):
            shutil.rmtree(run, ignore_errors=True)
    for path in (place.recipe, place.results):
        path.unlink(missing_ok=True)
