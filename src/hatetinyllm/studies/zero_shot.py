"""
Zero-shot: a model that learnt nothing from the data is asked about every text of its test part, prompt by prompt.

The headline is fixed before any figure is seen: the first prompt (`plain` unless the recipe says otherwise), the mean of
both orders of its answers, not calibrated, threshold one half. All other readings stand behind it, and last the rows
that give one answer to every text: a figure below those is worth less than no model.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from hatetinyllm.bundle import made_with
from hatetinyllm.config.recipe import Recipe, resolve, to_toml
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.data.dataset import card_of, require_consent
from hatetinyllm.errors import RecipeError
from hatetinyllm.inference.generation import generate, parse
from hatetinyllm.inference.zero_shot import Asker, Question
from hatetinyllm.models.model import Model, check_model, load_model
from hatetinyllm.plain import to_json
from hatetinyllm.policy import DIGITS
from hatetinyllm.registry import load_plugins
from hatetinyllm.studies.answers import GENERATED, Answers, Folder, Key, Value, begin, open_folder
from hatetinyllm.studies.prompts import Examples, choose_prompts, fitting
from hatetinyllm.studies.readings import HATE, Posts, Reading, labelled_rows, read_posts, results_of, unparsed_share
from hatetinyllm.studies.sections import zero_shot_sections
from hatetinyllm.text.prompt import BLANKS, FEW_SHOT, PostSettings, Prompt, wrong_post_settings, wrong_prompts
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.material import read_splits
from hatetinyllm.training.run import write_note
from hatetinyllm.types import Count, Result, Seed, Splits, Whole

LIBRARIES = ("torch", "transformers", "tokenizers")
ORDERS = ("given", "swapped")
WHOLE = ", total"  # behind an order: log-odds of whole answers, where else means of a token are compared
HONEST = (
    "what the model read in training is not known here: these very texts, and their labels, may be among it",
    "a base model was never taught to answer questions: figures near chance are no fault of the reading",
)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What a model is asked, and how."""

    prompts: tuple[str, ...] = ("plain", "definition", "verbalizer", "instruction", "few-shot")  # the first is the headline
    shots: Whole = 0  # examples of train shown before every post, half of them hate; 0 for none, and four for few-shot
    shot_seed: Seed = 42  # another seed draws other examples
    shot_characters: Count = 280  # longer texts are no examples
    calibrate: bool = True  # also report what is left when the log-odds of a post that says nothing are taken off
    generate: bool = False  # also let the model write, and look for an answer in it; what is none counts as wrong
    new_tokens: Count = 8  # that it writes
    batch_tokens: Count = 4096  # tokens read at once
    precision: Literal["fp32", "bf16"] = "fp32"  # of the weights and the arithmetic
    device: Literal["auto", "cpu"] = "auto"  # auto takes a GPU where there is one

    @property
    def examples(self) -> Examples:
        """What examples are shown."""
        return Examples(count=self.shots, seed=self.shot_seed, max_characters=self.shot_characters)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A batch was answered."""

    number: int  # answers so far, of all prompts and orders
    of: int
    prompt: str
    order: str
    texts_per_s: float


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the asking came to."""

    folder: Path
    results: tuple[Result, ...]  # the headline first
    notes: tuple[str, ...]


def check(given: Mapping[str, Any]) -> Recipe:
    """The resolved recipe; what is wrong with it is told before any data is read."""
    load_plugins(given.get("plugins", ()))
    recipe = resolve(given, zero_shot_sections())
    asking = Asking(**recipe["zero_shot"].options)
    problems = [*wrong_prompts(asking.prompts), *wrong_post_settings(PostSettings(**recipe["text"].options))]
    if not asking.prompts:
        problems.append("[zero_shot] 'prompts' is empty: name one at least")
    if asking.shots % 2:
        problems.append(f"[zero_shot] 'shots' is {asking.shots}: half of the examples are hate, so expected an even number")
    if problems:
        raise RecipeError("the recipe cannot be followed", problems)
    if card := card_of(recipe["data"].name):
        require_consent(card)
    check_model(recipe["model"])
    return recipe


def zero_shot(
    given: Mapping[str, Any],
    out: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    on_event: Callable[[Stage | Asked], None] = lambda event: None,
) -> Answered:
    """Check a recipe, ask in a folder of its own, and return what came of it."""
    recipe = check(given)
    with open_folder(out, to_toml(recipe, zero_shot_sections()), resume=resume, overwrite=overwrite) as folder:
        for event in follow(recipe, folder, resume=resume):
            if isinstance(event, Answered):
                return event
            on_event(event)
    raise AssertionError("following a recipe ends with its answers")


def follow(recipe: Recipe, folder: Folder, *, resume: bool = False) -> Iterator[Stage | Asked | Answered]:
    """Do what the recipe says, going on from the answers that are there."""
    asking, settings = Asking(**recipe["zero_shot"].options), PostSettings(**recipe["text"].options)
    yield Stage(name="reading", detail=recipe["data"].name)
    splits = read_splits(recipe)
    labelled_rows(splits)  # before a model is read for nothing
    prompts, told = choose_prompts(asking.prompts, splits, asking.examples, settings.normaliser)
    yield Stage(name="building", detail=recipe["model"].name)
    model = load_model(recipe["model"], len(HATE.labels))
    versions = made_with(**{library: version(library) for library in LIBRARIES})
    about: dict[str, Any] = {"fingerprint": _fingerprint(recipe, splits, model), "made_with": versions}
    asker = Asker(model, settings, precision=asking.precision, device=asking.device, batch_tokens=asking.batch_tokens)
    posts = read_posts(splits, asker.encoder)
    prompts, unfit = fitting(asker, prompts, posts, more_tokens=asking.new_tokens if asking.generate else 0)
    begin(folder, to_toml(recipe, zero_shot_sections()), about["fingerprint"], resume=resume)
    write_note(folder.run, folder.about, to_json(about, indent=2) + "\n")
    notes = [*_notes(asking, posts, settings, prompts), *told, *unfit, *splits.notes]
    yield from (Stage(name="note", detail=note) for note in notes)
    yield Stage(name="read", detail=f"test {len(posts.examples):,} ({splits.how})")
    readings, asked = [], []
    for event in _ask_all(asker, prompts, posts, asking, folder):
        if not isinstance(event, Reading):
            yield event
        else:
            readings.append(event)
            asked.append(_words(asker, next(prompt for prompt in prompts if prompt.name == event.prompt), event))
    results = results_of(posts, readings)
    after = list(_after(posts, readings, results[0]))
    yield from (Stage(name="note", detail=note) for note in after)
    notes += after
    about |= {"rows": len(posts.examples), "left_out": posts.left_out, "prompts": asked, "notes": notes}
    write_note(folder.run, folder.about, to_json(about, indent=2) + "\n")
    write_note(folder.run, folder.run.results, to_json(results, indent=2) + "\n")
    yield Answered(folder=folder.run.folder, results=results, notes=tuple(notes))


def _ask_all(
    asker: Asker, prompts: Sequence[Prompt], posts: Posts, asking: Asking, folder: Folder
) -> Iterator[Stage | Asked | Reading]:
    """Every prompt in every way, and a reading of each prompt once it is done."""
    answers = Answers(folder.answers)
    ways = {prompt.name: (*ORDERS[: len(prompt.orders)], *([GENERATED] * asking.generate)) for prompt in prompts}
    number, of = 0, len(posts.windows) * sum(map(len, ways.values()))
    for prompt in prompts:
        for way in ways[prompt.name]:
            yield Stage(name="asking", detail=f"{prompt.name}, {way}")
            for rows, seconds in _ask(asker, prompt, way, posts, asking, answers):
                number += rows
                if not seconds:
                    continue
                event = Asked(number=number, of=of, prompt=prompt.name, order=way, texts_per_s=rows / seconds)
                with folder.run.steps.open("a", encoding="utf-8") as stream:
                    stream.write(to_json(event) + "\n")
                yield event
        yield _reading(asker, prompt, ways[prompt.name], posts, asking, answers)


def _ask(asker: Asker, prompt: Prompt, way: str, posts: Posts, asking: Asking, answers: Answers) -> Iterator[tuple[int, float]]:
    """Batch after batch of one prompt: its rows, and the seconds it took; nothing for one whose answers are there."""
    more = asking.new_tokens if way == GENERATED else 0
    texts = [window.text for window in posts.windows]
    question = asker.question(prompt, texts, swapped=way == ORDERS[1], more_tokens=more)
    keys = [_keys(prompt, kind, posts) for kind in _kinds(way, question)]
    for batch in question.batches:
        asked = [kind[row] for kind in keys for row in batch]
        if all(key in answers for key in asked):
            yield len(batch), 0.0
            continue
        began = time.perf_counter()
        found = _answer(asker, prompt, question, batch, more)
        answers.add(dict(zip(asked, found, strict=True)))
        yield len(batch), time.perf_counter() - began


def _kinds(way: str, question: Question) -> tuple[str, ...]:
    """What is kept of one way of asking: where means of a token are compared, whole answers as well."""
    return (way, way + WHOLE) if question.per_token and way != GENERATED else (way,)


def _answer(asker: Asker, prompt: Prompt, question: Question, batch: Sequence[int], new_tokens: int) -> list[Value]:
    """Log-odds, rounded so that what stands beside a text does not move them; or the labels that were generated."""
    if not new_tokens:
        found = asker.log_odds_and_totals(question, batch)[: 1 + question.per_token]
        return [round(float(odds), DIGITS) for kind in found for odds in kind]
    said = [parse(text, prompt) for text in generate(asker, question, batch, new_tokens=new_tokens)]
    return [None if positive is None else HATE.labels[positive] for positive in said]


def _reading(asker: Asker, prompt: Prompt, ways: Sequence[str], posts: Posts, asking: Asking, answers: Answers) -> Reading:
    found = {way: [answers[key] for key in _keys(prompt, way, posts)] for way in ways}
    said = found.pop(GENERATED, None)
    several = asker.question(prompt, BLANKS).per_token
    totals = {way: [answers[key] for key in _keys(prompt, way + WHOLE, posts)] for way in found if several}
    orders = dict(zip(ORDERS, prompt.orders, strict=False)) if asking.calibrate else {}
    prejudices = {order: round(asker.prejudice(prompt, swapped=swapped), DIGITS) for order, swapped in orders.items()}
    return Reading(
        prompt=prompt.name,
        odds={order: np.array(values, dtype=np.float64) for order, values in found.items()},
        prejudices=prejudices,
        shots=len(prompt.shots),
        totals={order: np.array(values, dtype=np.float64) for order, values in totals.items()},
        said=None if said is None else tuple(None if label is None else str(label) for label in said),
    )


def _keys(prompt: Prompt, way: str, posts: Posts) -> list[Key]:
    return [Key(prompt.name, way, window.id, window.number) for window in posts.windows]


def _fingerprint(recipe: Recipe, splits: Splits, model: Model) -> dict[str, str]:
    """What must not change while a run goes on."""
    text = to_toml(recipe, zero_shot_sections())
    base = model.base.sha256 if model.base else "none"
    return {"recipe": hashlib.sha256(text.encode()).hexdigest(), "data": digest_rows(splits), "base": base}


def _notes(asking: Asking, posts: Posts, settings: PostSettings, prompts: Sequence[Prompt]) -> list[str]:
    """What a reader must know, whatever the answers will be."""
    told = list(HONEST)
    if posts.long:
        told.append(f"{posts.long:,} texts have more than {settings.max_tokens} tokens: the highest of their windows counts")
    if posts.left_out:
        told.append(f"{posts.left_out:,} rows of the test part were left out (no hate label, or nothing to read)")
    if shown := [prompt for prompt in prompts if prompt.shots]:
        rows = ", ".join(shot.id for shot in shown[0].shots)
        told.append(f"examples shown, seed {asking.shot_seed}: rows {rows} of train ({', '.join(one.name for one in shown)})")
    if len(prompts) > 1 and (few := [prompt for prompt in prompts if prompt.name == FEW_SHOT]):
        ways = sum(len(prompt.orders) + asking.generate for prompt in prompts)
        own = len(few[0].orders) + asking.generate
        told.append(f"{FEW_SHOT} is {own} of the {ways} times that every text is asked about; zero_shot.prompts may leave it out")
    return told


def _after(posts: Posts, readings: Sequence[Reading], headline: Result) -> Iterator[str]:
    """What a reader must know of the answers."""
    yield f"the headline is {headline.name!r} by rule: the first prompt, all its orders, not calibrated, threshold one half"
    for reading in readings:
        if reading.said is not None:
            share = unparsed_share(posts, reading)
            yield f"{reading.prompt}: {share:.1%} of the generated answers are unparsed: each row gets the label it does not have"


def _words(asker: Asker, prompt: Prompt, reading: Reading) -> dict[str, Any]:
    """What was asked, word by word, but for the examples' texts."""
    question = asker.question(prompt, BLANKS)
    return {
        "name": prompt.name,
        "templates": [template for template in (prompt.template, prompt.swapped) if template],
        "answers": {"hate": [prompt.positive, question.positive], "not_hate": [prompt.negative, question.negative]},
        "compares": question.measure,
        "prejudices": reading.prejudices,
        "examples": [shot.id for shot in prompt.shots],
    }
