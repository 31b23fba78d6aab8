"""
A LoRA, DoRA or IA3 that plain PEFT trained becomes a bundle of ours: the same base, the same weights, the same logits.

Where our tunings cannot say what PEFT was told there is no bundle, and every reason is named at once. Which label is hate
is stated by who adopts, or by the words of a config.json beside the adapter; it is never guessed.

The answers are the same for a text that our normal form leaves as it is and that fits into one window; others are read in
our way: in normal form, and window by window.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import Tokenizer
from torch import Tensor

from hatetinyllm.bundle import SHAPE, TOKENIZER, WEIGHTS, Bundle, Manifest, made_with, write_bundle
from hatetinyllm.errors import ModelError
from hatetinyllm.labels import SCHEMES, meant
from hatetinyllm.models.hub import load
from hatetinyllm.models.model import Model
from hatetinyllm.models.pickled import is_copy
from hatetinyllm.models.weights import read_shapes, read_tensors
from hatetinyllm.policy import BEST_GUESS, BEST_GUESS_BAND
from hatetinyllm.text.encode import Encoder, TextSettings
from hatetinyllm.training.adapter_folder import CONFIG, check_folders
from hatetinyllm.training.save import Built, put_files
from hatetinyllm.tuning.foreign import Foreign, strange_layers, tuning_of, unsayable
from hatetinyllm.tuning.tune import fill_adapter, tune
from hatetinyllm.types import Choice, Head

HEADLINE = "hate"
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
PROBES = (  # in normal form, so that no difference is told that no text of ours would meet
    "They are ALL welcome here, aren't they? Nobody's left out!",
    "naïve café, Straße, 12,500 people (3.5%) http #weather @user 🙂",
    "привет друзья، أهلا بكم، 欢迎大家 नमस्ते",
)


def adopt(
    adapter: Path,
    out: Path,
    *,
    labels: Sequence[str] = (),
    base: str | None = None,
    pickled: bool = False,
    settings: TextSettings | None = None,
) -> Bundle:
    """
    Make a bundle of an adapter folder.

    `labels` names its logits in their order, `base` says where its base lies now, and `pickled` allows a base that has only
    pickled weights, as it does in a recipe.
    """
    check_folders(adapter, out)
    foreign = read_foreign(adapter)
    named, wrong_labels = name_labels(adapter, labels)
    _refuse(adapter, [*unsayable(foreign), *wrong_labels, *_no_base(foreign, base)])
    revision = None if base else foreign.says.get("revision")
    model = load(2, id=base or str(foreign.says["base_model_name_or_path"]), revision=revision, pickled=pickled)
    settings = settings or TextSettings()
    _refuse(adapter, [*_foreign_tokenizer(adapter, model), *_too_long(settings, model), *_other_layers(foreign, model)])
    tuning = tuning_of(foreign, model.net)
    tuned = tune(model.net, tuning)
    assert tuned.adapter is not None, "LoRA and its kin add an adapter"
    tensors = read_tensors(adapter / WEIGHTS["adapter"])
    _refuse(adapter, [*_no_numbers(tensors)][:20])
    fill_adapter(tuned.adapter, tensors, where=adapter)
    built = Built(model=model, encoder=Encoder(model.tokenizer, settings), tuned=tuned, form="adapter")
    manifest = _manifest(model, named, settings, tuning)
    return write_bundle(out, manifest, lambda folder: put_files(folder, built, named))


def _refuse(adapter: Path, problems: Sequence[str]) -> None:
    if problems:
        raise ModelError(f"the adapter in {adapter} cannot be adopted", problems)


def _manifest(model: Model, labels: tuple[str, ...], settings: TextSettings, tuning: Choice) -> Manifest:
    """What the bundle says of itself; what the adapter learnt from is not known here, and nothing was measured."""
    base = model.base
    assert base is not None, "a checkpoint has a home"
    return Manifest(
        form="adapter",
        heads=(Head(name=HEADLINE, labels=labels, positive=SCHEMES[HEADLINE].positive),),
        bands={BEST_GUESS: BEST_GUESS_BAND},
        text=asdict(settings),
        model=Choice(name="hub", options={"id": base.source, "revision": base.revision, "pickled": _was_pickled(model)}),
        tuning=tuning,
        base=base,
        base_licence=base.licence or f"not stated by {base.source}",
        made_with=made_with(torch=torch.__version__, transformers=transformers.__version__, tokenizers=tokenizers.__version__),
    )


def read_foreign(adapter: Path) -> Foreign:
    """What an adapter folder says and holds; no code of it is run."""
    path = adapter / CONFIG
    try:
        says = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not JSON: {error}") from error
    if not isinstance(says, dict):
        raise ModelError(f"{path} must hold an object, it holds {type(says).__name__}")
    return Foreign(says=says, shapes=read_shapes(adapter / WEIGHTS["adapter"]))


def name_labels(adapter: Path, stated: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Our labels in the order of the logits, and what is wrong with the words for them."""
    ours = SCHEMES[HEADLINE].labels
    words = list(stated) or _words_beside(adapter)
    found = tuple(label for word in words if (label := meant(HEADLINE, word)))
    if sorted(found) == sorted(ours) and len(words) == len(ours):
        return found, []
    way_out = "state both in the order of the logits, as --label not_hate --label hate"
    if not words:
        return found, [f"which logit is {HEADLINE} is not said by a {SHAPE} beside the adapter: {way_out}"]
    told = ", ".join(map(repr, words))
    where = "the labels" if stated else f"the labels in {SHAPE}"
    return found, [f"{where} are {told}, and it is not known which of two is {HEADLINE} and which is not: {way_out}"]


def _no_base(foreign: Foreign, base: str | None) -> Iterator[str]:
    if not base and not foreign.says.get("base_model_name_or_path"):
        yield "base_model_name_or_path is empty: say by --base where its base lies"


def _words_beside(folder: Path) -> list[str]:
    """The labels of a config.json in the folder, in their order; none where it says none."""
    try:
        named = json.loads((folder / SHAPE).read_text(encoding="utf-8")).get("id2label", {})
        return [str(named[index]) for index in sorted(named, key=int)]
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return []


def _foreign_tokenizer(adapter: Path, model: Model) -> Iterator[str]:
    """A tokenizer saved with the adapter must read as the base's does: a bundle reads by that."""
    path = adapter / TOKENIZER
    if path.is_file():
        try:
            own = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises plain Exception for every kind of broken file
            yield f"{path} is no tokenizer file: {error}"
            return
        if own.get_vocab() != model.tokenizer.get_vocab():
            yield f"{path} has other tokens than the tokenizer of its base"
        elif other := [probe for probe in PROBES if _ids(own, probe) != _ids(model.tokenizer, probe)]:
            yield f"{path} reads {other[0]!r} as other tokens than the tokenizer of its base: if it read no text, remove it"


def _ids(tokenizer: Tokenizer, text: str) -> list[int] | str:
    """The whole text's, however the file would cut or pad it."""
    whole = Tokenizer.from_str(tokenizer.to_str())
    whole.no_truncation()
    whole.no_padding()
    try:
        return whole.encode(text).ids
    except Exception as error:  # a vocabulary without a word for the unknown
        return str(error)


def _no_numbers(tensors: Mapping[str, Tensor]) -> Iterator[str]:
    for name, tensor in tensors.items():
        if tensor.dtype not in FLOATS:
            yield f"{name} is of {str(tensor.dtype).removeprefix('torch.')}, expected floats"
        elif not tensor.float().isfinite().all():
            yield f"{name} holds what is no number, or too large for 32 bits"


def _was_pickled(model: Model) -> bool:
    """Whether the base was read from our copy of pickled weights: opening the bundle elsewhere may then make that copy."""
    return model.folder is not None and is_copy(model.folder)


def _too_long(settings: TextSettings, model: Model) -> Iterator[str]:
    if settings.max_tokens > model.max_tokens:
        yield f"text.max_tokens is {settings.max_tokens}, the model reads at most {model.max_tokens}"


def _other_layers(foreign: Foreign, model: Model) -> Iterator[str]:
    source = model.base.source if model.base else "its base"
    yield from (f"{layer} is no linear layer of {source}" for layer in strange_layers(foreign, model.net)[:20])
