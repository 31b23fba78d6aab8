"""
Follow a recipe from its data to a bundle, and tell what is being done: yields a Stage, Steps, and the Outcome last.

What the recipe alone can tell is checked before any data is read: names, options, licences, heads, text settings.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import wait_for_everyone

from hatetinyllm.bundle import Bundle, read_bundle
from hatetinyllm.config.recipe import Recipe, read_recipe, resolve, to_toml
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.data.dataset import card_of, require_consent
from hatetinyllm.errors import ModelError, RecipeError, TrainingError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.evaluation.thresholds import choose_bands
from hatetinyllm.models.lower import freeze_below
from hatetinyllm.models.model import Model, check_model, load_model, with_readout
from hatetinyllm.models.readout import logits_of
from hatetinyllm.plain import to_json
from hatetinyllm.processes import count_processes
from hatetinyllm.registry import load_plugins
from hatetinyllm.text.encode import Encoder, TextSettings, wrong_settings
from hatetinyllm.training.beside import require_consents, wrong_beside
from hatetinyllm.training.checked import check_form, check_frozen, wrong_readout
from hatetinyllm.training.checkpoint import RECIPE, Checkpoints
from hatetinyllm.training.heads import wrong_heads
from hatetinyllm.training.judge import judge_beside, judge_rows, scored
from hatetinyllm.training.limit import device_of, measure_limit
from hatetinyllm.training.loop import Step, learn, on_threads
from hatetinyllm.training.lower import drop_lower, keep_lower
from hatetinyllm.training.material import Material, ask, encode, read_splits
from hatetinyllm.training.rows import Rows
from hatetinyllm.training.run import Run, keep_recipe, log_steps, open_run, write_note
from hatetinyllm.training.save import Built, choose_form, save, unlooked
from hatetinyllm.training.sections import sections
from hatetinyllm.training.teacher import Lesson, consult, require_teacher
from hatetinyllm.training.trackers import note_of, tracked, wrong_tracker
from hatetinyllm.tuning.tune import Tuned, freeze_readout, learning, merged, tune
from hatetinyllm.types import PARTS, Head, Result, Splits

MERGE_TOLERANCE = 1e-3  # largest change of a logit by folding an adapter in; 32-bit floats stay far below


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What is being done now, in a word, and what came of the stage before."""

    name: str
    detail: str = ""
    limit: float = 0.0  # operations a second of this machine in products of matrices, where that was measured


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a recipe came to."""

    bundle: Bundle
    results: tuple[Result, ...]


Events = Generator[Stage | Step | Material | Outcome, None, None]


def check(given: Mapping[str, Any], *, to_read: bool = True) -> Recipe:
    """The resolved recipe; what is wrong with it is told before any data is read. To plan asks for no consent, to read does."""
    load_plugins(given.get("plugins", ()))
    recipe = resolve(given, sections())
    settings = TextSettings(**recipe["text"].options)
    problems = [*wrong_heads(recipe["heads"].options["heads"]), *wrong_settings(settings), *wrong_readout(recipe)]
    problems += wrong_beside(recipe["data"].name, heads=recipe["heads"].options["heads"], **recipe["beside"].options)
    if problems := [*problems, *wrong_tracker(recipe["train"].options["tracker"])]:
        raise RecipeError("the recipe cannot be followed", problems)
    check_form(recipe)
    if to_read:
        if card := card_of(recipe["data"].name):
            require_consent(card)
        require_consents(recipe["beside"].options["datasets"])
        require_teacher(recipe["teacher"].options)
        check_model(recipe["model"])
        check_frozen(recipe)
    return recipe


def train(
    given: Mapping[str, Any] | str | Path,
    out: str | Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    baseline: bool = False,
    dev_only: bool = False,
    on_event: Callable[[Stage | Step], None] = lambda event: None,
) -> Outcome:
    """Check a recipe (a mapping, or a TOML file), follow it in a run folder of its own, and return what it came to."""
    recipe = check(given if isinstance(given, Mapping) else read_recipe(Path(given)))
    with (
        open_run(Path(out), resume=resume, overwrite=overwrite) as run,
        closing(follow(recipe, run, baseline=baseline, dev_only=dev_only)) as events,
    ):
        for event in events:
            if isinstance(event, Outcome):
                return event
            if not isinstance(event, Material):
                on_event(event)
    raise AssertionError("following a recipe ends with its outcome")


def follow(
    recipe: Recipe, run: Run, *, baseline: bool = False, dev_only: bool = False, material: Material | None = None
) -> Events:
    """
    Do what the recipe says in the run's folder, going on from its last checkpoint if there is one.

    What it reads is given away too, for another seed of the same recipe, which then reads nothing. With `dev_only` the test
    part is neither encoded nor judged, and the bundle says so; going on with such a run without it judges that part.
    """
    text = to_toml(recipe, sections())
    keep_recipe(run, text)
    write_note(run, run.rejected, "")  # a folder with these two files is a run's own
    material, built = yield from _made_ready(recipe, run, material, dev_only=dev_only)
    splits, heads, rows, dev = material.splits, material.heads, material.train, material.dev
    if lesson := consult(splits, rows.examples, heads[0], **recipe["teacher"].options):
        splits = lesson.noted(splits)
        yield Stage(name="note", detail=lesson.note)
    checkpoints = Checkpoints(run.checkpoints, _fingerprint(text, splits, built.model, lesson))
    dropped = checkpoints.drop_damaged() if run.writes else []
    if run.writes:  # the others may not look while damaged ones are being deleted; they ask when all begin
        checkpoints.require_own()
    if dropped or checkpoints.newest_step():
        yield Stage(name="resuming", detail=_place(checkpoints, dropped, done=run.bundle.exists()))
    if run.writes:
        yield _machine(built.tuned.net, recipe["train"].options)
    tracker = recipe["train"].options["tracker"]
    if note := note_of(tracker, run):
        yield Stage(name="note", detail=note)
    yield from _kept_lower(built.tuned, rows, checkpoints, run, recipe["train"].options)
    yield Stage(name="training", detail=_size(built.tuned, rows, recipe["train"].options["batch_tokens"]))
    taught = lesson.taught if lesson else None
    steps = learn(built.tuned, rows, dev, heads, checkpoints, taught, **recipe["train"].options)
    last = None
    for last in tracked(log_steps(run, steps, after=checkpoints.newest_step()), tracker, run, recipe):
        yield last
    if last and last.number < last.of:
        yield Stage(name="stopped", detail=f"after step {last.number:,} of {last.of:,}: train.patience is at its end")
    part = "dev" if dev_only else "test"
    yield Stage(name="judging", detail=f"{len(splits.part(part)):,} texts of the {part} part")
    bands = choose_bands(*scored(built.tuned.net, dev, heads))
    if built.form == "standalone":
        _merge(built.tuned, dev)
    results = _judge(built, material, "dev" if dev_only else "test", baseline=baseline)
    yield Stage(name="saving", detail=built.form)
    if run.writes:
        save(
            run.bundle,
            recipe,
            built,
            unlooked(splits) if dev_only else splits,
            heads=heads,
            bands=bands,
            recipe_text=text,
            results=results,
        )
        drop_lower(checkpoints)
    wait_for_everyone()
    write_note(run, run.results, to_json(results, indent=2) + "\n")
    yield Outcome(bundle=read_bundle(run.bundle), results=results)


def _made_ready(
    recipe: Recipe, run: Run, material: Material | None, *, dev_only: bool
) -> Generator[Stage | Material, None, tuple[Material, Built]]:
    """Read, build and encode; what another seed of the recipe has read is not read again."""
    if material is None:
        yield Stage(name="reading", detail=recipe["data"].name)
    splits = material.splits if material else read_splits(recipe)
    write_note(run, run.rejected, "".join(to_json(rejected) + "\n" for rejected in splits.rejected))
    heads = material.heads if material else ask(splits, recipe)
    if material is None:
        yield Stage(name="read", detail=_rows_in_words(splits, run))
        yield from (Stage(name="note", detail=note) for note in splits.notes)
    yield Stage(name="building", detail=recipe["model"].name)
    built = _build(recipe, heads)
    if material is None:
        yield from (Stage(name="note", detail=note) for note in built.model.notes)
        material = encode(splits, heads, built.encoder, folder=run.folder, test=not dev_only)
        yield material
    return material, built


def _build(recipe: Recipe, heads: Sequence[Head]) -> Built:
    """The model, its encoder and its tuning, begun the same way each time."""
    torch.manual_seed(recipe["train"].options["seed"])
    model = load_model(recipe["model"], sum(len(head.labels) for head in heads))
    settings = TextSettings(**recipe["text"].options)
    if settings.max_tokens > model.max_tokens:
        raise ModelError(f"text.max_tokens is {settings.max_tokens}, the model reads at most {model.max_tokens}")
    encoder = Encoder(model.tokenizer, settings)
    model = with_readout(model, heads, encoder, recipe["readout"])
    tuned = tune(model.net, recipe["tuning"])
    if not model.readout_learns:
        freeze_readout(tuned.net)
    freeze_below(tuned.net, recipe["train"].options["frozen_blocks"])
    if not learning(tuned.net):
        raise TrainingError("nothing would learn", [f"not the readout, and no weight by tuning {recipe['tuning'].name!r}"])
    if settings.max_tokens + tuned.virtual_tokens > model.max_tokens:
        room = f"the model reads at most {model.max_tokens}, and {tuned.virtual_tokens} of them are the tuning's"
        raise ModelError(f"text.max_tokens is {settings.max_tokens}, {room}")
    return Built(model=model, encoder=encoder, tuned=tuned, form=choose_form(model, tuned, **recipe["bundle"].options))


def _kept_lower(tuned: Tuned, rows: Rows, checkpoints: Checkpoints, run: Run, options: Mapping[str, Any]) -> Iterator[Stage]:
    """What enters the lowest block that learns is worked out by the first process; the others wait where training begins."""
    named = {name: options[name] for name in ("frozen_blocks", "precision", "layout")}
    if run.writes and not run.bundle.exists():  # there is nothing left to learn once it is saved
        with on_threads(options["threads"]):
            for said in keep_lower(tuned, rows, checkpoints, **named, device=device_of(options["device"])):
                yield Stage(name="keeping", detail=said)


def _judge(built: Built, material: Material, part: str, *, baseline: bool) -> tuple[Result, ...]:
    """
    The headline on a part, by the net and by TF-IDF if asked for, then every other head on the rows that answer it.

    Of these dev rows are judged too, since sets beside the own data have no row in its test part.
    """
    splits, heads, net = material.splits, material.heads, built.tuned.net
    rows, found = material.rows(part), list[Result]()
    if any(example.labels.get(heads[0].name) for example in rows.examples):
        found.append(judge_rows(net, rows, heads, name=part))
        if baseline:
            tfidf = fit_tfidf(splits.train, heads[0])
            found.append(evaluate(tfidf, splits.part(part), heads[0], name=f"{part}, TF-IDF baseline"))
    for name in dict.fromkeys((part, "dev")):
        found += judge_beside(net, material.rows(name), heads, name=name)
    return tuple(found)


def _merge(tuned: Tuned, rows: Rows) -> None:
    """Fold the adapter into the weights, and refuse if that changes what the net says."""
    probe = [rows.windows[row][0] for row in range(min(64, len(rows)))]
    before = logits_of(tuned.net, probe)
    change = float((before - logits_of(merged(tuned), probe)).abs().max())
    if not change <= MERGE_TOLERANCE:
        raise TrainingError(f"folding the adapter in changed a logit by {change:.2g}, allowed is {MERGE_TOLERANCE:g}")


def _fingerprint(recipe: str, splits: Splits, model: Model, lesson: Lesson | None) -> dict[str, str]:
    """What must not change while a run goes on; a branch of the hub may have moved on meanwhile."""
    base = model.base.sha256 if model.base else "none"
    return {RECIPE: recipe, "data": digest_rows(splits), "base": base} | ({"teacher": lesson.digest} if lesson else {})


def _machine(net: torch.nn.Module, options: Mapping[str, Any]) -> Stage:
    """What each process can do here, for whoever wants to know how near to that the training comes; all are taken to be alike."""
    device = device_of(options["device"])
    limit = measure_limit(net, device=device, precision=options["precision"], threads=options["threads"])
    detail = f"{limit / 1e9:,.0f} GFLOP/s in products of the decoder's matrices, {options['precision']}, on {device.type}"
    return Stage(name="machine", detail=f"{detail}: the limit", limit=limit * count_processes())


def _size(tuned: Tuned, rows: Rows, batch_tokens: int) -> str:
    learns = sum(parameter.numel() for parameter in learning(tuned.net).values())
    told = [f"{len(rows):,} texts"]
    told += [f"{rows.left_out:,} rows left out (no answer, or nothing to read)"] if rows.left_out else []
    told += [f"of {rows.cut:,} longer ones the first window"] if rows.cut else []
    alone = sum(length > batch_tokens for length in rows.lengths) if batch_tokens else 0
    told += [f"{alone:,} longer than the {batch_tokens:,} tokens of a batch, each a batch of its own"] if alone else []
    return f"{', '.join(told)}; {learns:,} weights learn"


def _rows_in_words(splits: Splits, run: Run) -> str:
    counted = ", ".join(f"{part} {len(splits.part(part)):,}" for part in PARTS)
    aside = f"; {len(splits.rejected):,} rows set aside, see {run.rejected}" if splits.rejected else ""
    return f"{counted} ({splits.how}){aside}"


def _place(checkpoints: Checkpoints, dropped: Sequence[str], *, done: bool) -> str:
    told = f"after step {checkpoints.newest_step():,}" + (": it is done, and is judged and saved once more" if done else "")
    return told + (f"; damaged, and deleted: {', '.join(dropped)}" if dropped else "")
