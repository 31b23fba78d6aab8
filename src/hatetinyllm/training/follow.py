"""
Follow a recipe from its data to a bundle, and tell what is being done: yields a Stage, Steps, and the Outcome last.

All that can be checked is checked before any data is read: names, options, licences, and whether the parts fit.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from hatetinyllm.bundle import Bundle
from hatetinyllm.config.recipe import Recipe, read_recipe, resolve, to_toml
from hatetinyllm.data import SPLITS
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.data.dataset import card_of, load_dataset, require_consent
from hatetinyllm.errors import DataError, ModelError, TrainingError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.evaluate import evaluate, truth_of
from hatetinyllm.evaluation.thresholds import choose_bands
from hatetinyllm.folder import write_text_whole
from hatetinyllm.models.model import Model, load_model
from hatetinyllm.models.readout import logits_of
from hatetinyllm.registry import load_plugins
from hatetinyllm.text.encode import Encoder, TextSettings
from hatetinyllm.training.batches import Rows, encode_rows
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.heads import choose_heads
from hatetinyllm.training.loop import Step, judge_rows, learn, scores_of
from hatetinyllm.training.run import Run, append_step, log_steps, open_run
from hatetinyllm.training.save import choose_form, result_record, save
from hatetinyllm.training.sections import sections
from hatetinyllm.tuning.tune import Tuned, learning, merged, tune
from hatetinyllm.types import Head, Result, Splits

MERGE_TOLERANCE = 1e-3  # largest change of a logit by folding an adapter in; 32-bit floats stay far below


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What is being done now, in a word, and what came of the stage before."""

    name: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a recipe came to."""

    bundle: Bundle
    results: tuple[Result, ...]


def check(given: Mapping[str, Any]) -> Recipe:
    """The resolved recipe; everything that is wrong with it is told before any data is read."""
    load_plugins(given.get("plugins", ()))
    recipe = resolve(given, sections())
    if card := card_of(recipe["data"].name):
        require_consent(card)
    return recipe


def train(
    given: Mapping[str, Any] | str | Path,
    out: str | Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    baseline: bool = False,
    on_event: Callable[[Stage | Step], None] = lambda event: None,
) -> Outcome:
    """Check a recipe (a mapping, or a TOML file), follow it in a run folder of its own, and return what it came to."""
    recipe = check(given if isinstance(given, Mapping) else read_recipe(Path(given)))
    with open_run(Path(out), resume=resume, overwrite=overwrite) as run:
        for event in follow(recipe, run, baseline=baseline):
            if isinstance(event, Outcome):
                return event
            on_event(event)
    raise AssertionError("following a recipe ends with its outcome")


def follow(recipe: Recipe, run: Run, *, baseline: bool = False) -> Iterator[Stage | Step | Outcome]:
    """Do what the recipe says in the run's folder, going on from its last checkpoint if there is one."""
    text = to_toml(recipe, sections())
    write_text_whole(run.recipe, text)
    yield Stage(name="reading", detail=recipe["data"].name)
    splits = read_splits(recipe)
    _write_rejected(run, splits)
    heads = choose_heads(splits, **recipe["heads"].options)
    _require_parts(splits, heads[0])
    yield Stage(name="building", detail=recipe["model"].name)
    torch.manual_seed(recipe["train"].options["seed"])  # the readout and the adapter begin the same way each time
    model = load_model(recipe["model"], sum(len(head.labels) for head in heads))
    encoder = Encoder(model.tokenizer, _settings(recipe, model))
    tuned = tune(model.net, recipe["tuning"])
    form = choose_form(model, tuned, **recipe["bundle"].options)
    rows, dev = (encode_rows(part, heads, encoder) for part in (splits.train, splits.dev))
    yield Stage(name="training", detail=_size(tuned, rows))
    checkpoints = Checkpoints(run.checkpoints, _fingerprint(text, splits))
    yield from _steps(run, learn(tuned, rows, dev, heads, checkpoints, **recipe["train"].options))
    yield Stage(name="judging", detail=f"{len(splits.test):,} texts of the test part")
    known = [index for index, example in enumerate(dev.examples) if example.labels.get(heads[0].name)]
    dev_scores = scores_of(tuned.net, [dev.windows[index] for index in known], heads)
    bands = choose_bands(truth_of([dev.examples[index] for index in known], heads[0]), dev_scores)
    if form == "standalone":
        _merge(tuned, dev if len(dev) else rows)
    results = [judge_rows(model.net, encode_rows(splits.test, heads, encoder), heads, name="test")] if splits.test else []
    if baseline and splits.test:
        results.append(evaluate(fit_tfidf(splits.train, heads[0]), splits.test, heads[0], name="test, TF-IDF baseline"))
    yield Stage(name="saving", detail=form)
    choices = (recipe["model"], recipe["tuning"])
    bundle = save(
        run.bundle, model, tuned, form, heads=heads, bands=bands, encoder=encoder,
        choices=choices, splits=splits, recipe=text, results=results,
    )  # fmt: skip
    write_text_whole(run.results, json.dumps([result_record(result) for result in results], indent=2) + "\n")
    yield Outcome(bundle=bundle, results=tuple(results))


def read_splits(recipe: Recipe) -> Splits:
    """The recipe's data, parted as it says."""
    data, split = recipe["data"], recipe["split"]
    splits: Splits = SPLITS.get(split.name)(load_dataset(data.name, **data.options), **split.options)
    return splits


def _require_parts(splits: Splits, headline: Head) -> None:
    """There must be rows of both labels to learn from; a dev part is needed to choose by."""
    problems = []
    for part in ("train", "dev"):
        found = {label for example in splits.part(part) for label in example.labels.get(headline.name, ())}
        if missing := [label for label in headline.labels if label not in found]:
            problems.append(f"{part}: {len(splits.part(part)):,} rows, none of them {' or '.join(missing)}")
    if problems:
        raise DataError(f"{splits.name}, split {splits.how}: not enough to train on", [*problems, "another [split] may help"])


def _settings(recipe: Recipe, model: Model) -> TextSettings:
    settings = TextSettings(**recipe["text"].options)
    if settings.max_tokens > model.max_tokens:
        raise ModelError(f"text.max_tokens is {settings.max_tokens}, the model reads at most {model.max_tokens}")
    return settings


def _steps(run: Run, steps: Iterator[Step]) -> Iterator[Step]:
    """Pass the steps on, and keep a log of them."""
    for index, step in enumerate(steps):
        if index == 0:
            log_steps(run, step.number - 1)
        append_step(run, asdict(step))
        yield step


def _merge(tuned: Tuned, rows: Rows) -> None:
    """Fold the adapter into the weights, and refuse if that changes what the net says."""
    probe = [windows[0] for windows in rows.windows[:64]]
    before = logits_of(tuned.net, probe)
    change = float((before - logits_of(merged(tuned), probe)).abs().max())
    if not change <= MERGE_TOLERANCE:
        raise TrainingError(f"folding the adapter in changed a logit by {change:.2g}, allowed is {MERGE_TOLERANCE:g}")


def _fingerprint(recipe: str, splits: Splits) -> dict[str, str]:
    return {"recipe": hashlib.sha256(recipe.encode()).hexdigest(), "data": digest_rows(splits)}


def _write_rejected(run: Run, splits: Splits) -> None:
    lines = [json.dumps(asdict(rejected)) + "\n" for rejected in splits.rejected]
    write_text_whole(run.rejected, "".join(lines))


def _size(tuned: Tuned, rows: Rows) -> str:
    learns = sum(parameter.numel() for parameter in learning(tuned.net).values())
    cut = f", {rows.cut:,} longer than a window" if rows.cut else ""
    return f"{len(rows):,} texts{cut}; {learns:,} weights learn"
