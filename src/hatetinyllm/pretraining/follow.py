"""
A pretraining recipe followed from its texts to a checkpoint that the hub's own library reads.

What was read and encoded once stays in the run's folder with its digests, so that a run that is gone on with reads no text again.
"""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import wait_for_everyone
from tokenizers import Tokenizer

from hatetinyllm.config.recipe import Recipe, read_recipe, resolve, to_toml
from hatetinyllm.data.corpus.choose import choose_corpus
from hatetinyllm.data.corpus.prepare import prepare_corpus
from hatetinyllm.errors import ModelError, RecipeError
from hatetinyllm.folder import digest_of, written_whole
from hatetinyllm.models.language import Language, as_language, save_language
from hatetinyllm.models.model import check_model, load_model
from hatetinyllm.plain import to_json
from hatetinyllm.pretraining.loop import learn
from hatetinyllm.pretraining.schedule import Reached
from hatetinyllm.pretraining.sections import sections
from hatetinyllm.pretraining.stream import Stream, read_stream, write_stream
from hatetinyllm.pretraining.vocabulary import Vocabulary, beginning, learn_vocabulary, settings
from hatetinyllm.registry import load_plugins
from hatetinyllm.text.normalise import normalise
from hatetinyllm.training.checkpoint import RECIPE, Checkpoints
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.limit import device_of, measure_limit
from hatetinyllm.training.loop import Step
from hatetinyllm.training.run import Run, keep_recipe, log_steps, open_run, write_note
from hatetinyllm.types import Choice


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """What a pretraining came to."""

    model: Path
    bits_per_byte: float | None
    tokens: int
    steps: int


Events = Generator[Stage | Step | Pretrained, None, None]


def check(given: Mapping[str, Any]) -> Recipe:
    """The resolved recipe; what is wrong with it is told before any text is read."""
    load_plugins(given.get("plugins", ()))
    recipe = resolve(given, sections())
    words = settings(**recipe["vocabulary"].options)
    if recipe["model"].name != "scratch" and words.size:
        hints = ["take vocabulary.size = 0: a model goes on with the vocabulary it has", "or begin anew: model.name = 'scratch'"]
        raise RecipeError(f"a vocabulary is to be learnt, and model {recipe['model'].name!r} has its own", hints)
    check_model(recipe["model"])
    choose_corpus(**recipe["corpus"].options)
    return recipe


def pretrain(
    given: Mapping[str, Any] | str | Path,
    out: str | Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    on_event: Callable[[Stage | Step], None] = lambda event: None,
) -> Pretrained:
    """Check a recipe (a mapping, or a TOML file), follow it in a run folder of its own, and return what it came to."""
    recipe = check(given if isinstance(given, Mapping) else read_recipe(Path(given)))
    with open_run(Path(out), resume=resume, overwrite=overwrite) as run, closing(follow(recipe, run)) as events:
        for event in events:
            if isinstance(event, Pretrained):
                return event
            on_event(event)
    raise AssertionError("following a recipe ends with its outcome")


def follow(recipe: Recipe, run: Run) -> Events:
    """Do what the recipe says in the run's folder, going on from its last checkpoint if there is one."""
    Accelerator(cpu=recipe["pretrain"].options["device"] == "cpu")  # the processes of a launcher meet here
    text = to_toml(recipe, sections())
    keep_recipe(run, text)
    write_note(run, run.rejected, "")  # a folder with these two files is a run's own
    if run.writes:
        yield from _read(recipe, run)
    wait_for_everyone()
    yield Stage(name="building", detail=recipe["model"].name)
    language, tokenizer, base = _build(recipe, run)
    stream, held_out = read_stream(run.stream), read_stream(run.held_out) if run.held_out.is_dir() else None
    yield Stage(name="read", detail=_size(stream, held_out))
    checkpoints = Checkpoints(run.checkpoints, {RECIPE: text, "data": stream.digest, "base": base}, kind=Reached)
    dropped = checkpoints.drop_damaged() if run.writes else []
    if run.writes:
        checkpoints.require_own()
    if dropped or checkpoints.newest_step():
        lost = f"; damaged, and deleted: {', '.join(dropped)}" if dropped else ""
        yield Stage(name="resuming", detail=f"after step {checkpoints.newest_step():,}{lost}")
    options = recipe["pretrain"].options
    if run.writes:
        yield _machine(language, options)
    count = sum(parameter.numel() for parameter in language.parameters())
    yield Stage(
        name="training",
        detail=f"{count:,} weights learn" + ("" if language.on_grid else "; its blocks are not of the kind that can be compiled"),
    )
    last = None
    for last in log_steps(run, learn(language, stream, held_out, checkpoints, **options), after=checkpoints.newest_step()):
        yield last
    yield Stage(name="saving", detail=str(run.model))
    yield _save(run, language, tokenizer, last, options)


def _read(recipe: Recipe, run: Run) -> Generator[Stage, None, None]:
    """The vocabulary, the stream, and the text set aside, each once."""
    if run.stream.is_dir() and run.tokenizer.is_file():
        return
    yield Stage(name="reading", detail="the corpus")
    corpus = prepare_corpus(choose_corpus(**recipe["corpus"].options), run.corpus)
    words = settings(**recipe["vocabulary"].options)
    if words.size:
        yield Stage(name="words", detail=f"a vocabulary of {words.size:,} is learnt")
        tokenizer = learn_vocabulary(_normal(beginning(corpus.train, words.characters), words), words.size)
    else:
        tokenizer = load_model(recipe["model"], 1).tokenizer
    write_note(run, run.tokenizer, tokenizer.to_str(pretty=False) + "\n")
    yield Stage(name="encoding", detail="the corpus as tokens")
    write_stream(_normal(corpus.train, words), tokenizer, run.stream)
    if len(corpus.held_out):
        write_stream(_normal(corpus.held_out, words), tokenizer, run.held_out)
    yield from (Stage(name="note", detail=note) for note in corpus.notes)


def _build(recipe: Recipe, run: Run) -> tuple[Language, Tokenizer, str]:
    """The language model, its tokenizer, and the digest of what it begins with."""
    options = dict(recipe["model"].options)
    if recipe["model"].name == "scratch" and recipe["vocabulary"].options["size"]:
        options["tokenizer"] = str(run.tokenizer)
    torch.manual_seed(recipe["pretrain"].options["seed"])
    model = load_model(Choice(name=recipe["model"].name, options=options), 1)
    length = recipe["pretrain"].options["row_tokens"]
    if length > model.max_tokens:
        raise ModelError(f"pretrain.row_tokens is {length}, the model reads at most {model.max_tokens}")
    return as_language(model), model.tokenizer, model.base.sha256 if model.base else "none"


def _machine(language: Language, options: Mapping[str, Any]) -> Stage:
    """What this machine can do, for whoever wants to know how near to that the learning comes."""
    device = device_of(options["device"])
    limit = measure_limit(language.net, device=device, precision=options["precision"], threads=options["threads"])
    detail = (
        f"{limit / 1e9:,.0f} GFLOP/s in products of the decoder's matrices, {options['precision']}, on {device.type}: the limit"
    )
    return Stage(name="machine", detail=detail, limit=limit)


def _save(run: Run, language: Language, tokenizer: Tokenizer, last: Step | None, options: Mapping[str, Any]) -> Pretrained:
    """The checkpoint, whole or not there, and what is known of it; a run that was done already is saved once more."""
    if run.writes:
        with run.room("the checkpoint"), written_whole(run.model) as folder:
            save_language(language, tokenizer, folder)
    wait_for_everyone()
    if last is None:
        return _recorded(run)
    tokens = last.number * options["batch_rows"] * options["row_tokens"]
    outcome = Pretrained(model=run.model, bits_per_byte=last.bits_per_byte, tokens=tokens, steps=last.number)
    weights = digest_of(run.model / "model.safetensors")
    write_note(run, run.results, to_json({**vars(outcome), "model": run.model.name, "sha256": weights}, indent=2) + "\n")
    return outcome


def _recorded(run: Run) -> Pretrained:
    """What a run that was done already came to, by the log of its last step."""
    if run.results.is_file():
        said = json.loads(run.results.read_text(encoding="utf-8"))
        return Pretrained(model=run.model, **{name: said[name] for name in ("bits_per_byte", "tokens", "steps")})
    lines = run.steps.read_text(encoding="utf-8").splitlines()
    steps = [json.loads(line) for line in lines]
    return Pretrained(
        model=run.model,
        bits_per_byte=steps[-1]["bits_per_byte"],
        tokens=sum(step["tokens"] for step in steps),
        steps=len(steps),
    )


def _normal(texts: Iterable[str], words: Vocabulary) -> Iterator[str]:
    """Texts in the form in which they are read later on."""
    return (normalise(text, words.normaliser).text for text in texts)


def _size(stream: Stream, held_out: Stream | None) -> str:
    aside = f"; {held_out.size.tokens:,} set aside" if held_out else ""
    return f"{stream.size.tokens:,} tokens of {stream.size.documents:,} texts, {stream.size.bytes / 1e6:,.1f} MB{aside}"
