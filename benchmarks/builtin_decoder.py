"""Where the decoder of the built-in model is, and the recipe of its last stage: `folds.py` and `pretrained.py` begin there."""

import json
import shutil
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatetinyllm.config.recipe import read_recipe, with_settings
from hatetinyllm.errors import HateTinyLLMError
from hatetinyllm.training.follow import Outcome, Stage, train
from hatetinyllm.training.loop import Step
from hatetinyllm.training.sections import sections

ROOT = Path(__file__).resolve().parent.parent
RECIPES, RUNS = Path("recipes/builtin"), Path("runs/builtin")
PLACES = (RUNS / "onwards" / "model", RUNS / "decoder" / "model", RECIPES / "decoder")
WEIGHTS = "model.safetensors"
OF_PLACES = ("id", "tokenizer")  # options of a model that say where it lies
TINY = {  # in place of the last stage's own, to prove the script in seconds
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "beside": {},
    "heads": {"heads": ["hate"]},
    "text": {"max_tokens": 32, "overlap_tokens": 8},
    "train": {"epochs": 1, "batch_size": 64, "learning_rate": 5e-3, "device": "cpu", "threads": 1},
}


def decoder_folder(named: Path | None) -> Path:
    """The folder that is named, or the first of the usual ones that holds weights."""
    for folder in (named,) if named else PLACES:
        if (folder / WEIGHTS).is_file():
            return folder
    tried = [str(named)] if named else [str(folder) for folder in PLACES]
    raise HateTinyLLMError("there is no decoder to begin from", [*tried, "python tools/make_builtin.py pretrains one"])


def last_stage(decoder: Path, settings: Sequence[str] = (), *, tiny: bool = False) -> dict[str, Any]:
    """The recipe that teaches the decoder to judge, with what was set otherwise."""
    given = {**read_recipe(ROOT / RECIPES / "final.toml"), **(TINY if tiny else {})}
    given = with_settings(given, settings, sections())
    return {**given, "model": {"name": "hub", "id": decoder.as_posix()}}


def key_of(given: Mapping[str, Any], weights: str) -> str:
    """What tells one recipe over one decoder from another: a run of it is gone on with, and no other."""
    model = {key: value for key, value in given["model"].items() if key not in OF_PLACES}
    content = json.dumps({"recipe": {**given, "model": model}, "weights": weights}, sort_keys=True)
    return sha256(content.encode("utf-8")).hexdigest()[:12]


def trained(given: Mapping[str, Any], run: Path) -> Outcome:
    """The recipe followed, from its last checkpoint if it was begun; its test part is not looked at."""

    def tell(event: Stage | Step) -> None:
        if isinstance(event, Step) and event.dev is not None:
            print(f"  step {event.number:,} of {event.of:,}: dev macro-F1 {event.dev.metrics['macro_f1']:.3f}", flush=True)

    return train(given, run, resume=(run / "recipe.toml").is_file(), dev_only=True, on_event=tell)


def drop_checkpoints(run: Path) -> None:
    """What a run needs to go on with, once it is done."""
    shutil.rmtree(run / "checkpoints", ignore_errors=True)
