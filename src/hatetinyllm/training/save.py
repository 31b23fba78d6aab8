"""From a trained net to a bundle: an adapter over its named base, or all weights with the adapter folded in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import tokenizers
import torch
import transformers

from hatetinyllm.bundle import TOKENIZER, Bundle, DataRecord, Manifest, made_with, write_bundle
from hatetinyllm.config.recipe import Recipe
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.errors import RecipeError, TrainingError, did_you_mean
from hatetinyllm.models.model import Model
from hatetinyllm.models.weights import write_net, write_shape
from hatetinyllm.text.encode import Encoder
from hatetinyllm.tuning.tune import Tuned, write_adapter
from hatetinyllm.types import PARTS, TOLD_APART, Band, Head, Result, Splits

Form = Literal["adapter", "standalone"]
UNLOOKED = "the test part was not looked at: trained with --dev-only"


@dataclass(frozen=True, kw_only=True)
class Built:
    """What a recipe's words became: the model, how it reads, how it learns, and the form it will be saved in."""

    model: Model
    encoder: Encoder
    tuned: Tuned
    form: Form


def choose_form(
    model: Model,
    tuned: Tuned,
    *,
    form: Literal["auto", "adapter", "standalone"] = "auto",  # auto: an adapter where there is one and its base has a home
    languages: tuple[str, ...] = (),  # that it is for: a text in another gets the reason language and no score; none for any
) -> Form:
    """Whether the bundle holds an adapter or all weights; an adapter needs a base that can be found again."""
    if strange := [language for language in languages if language not in TOLD_APART]:
        told = [f"{language!r} ({did_you_mean(language, TOLD_APART)})" for language in strange]
        raise RecipeError("bundle.languages names what no text can be told from", told)
    has_home = model.base is not None
    can_adapt = tuned.adapter is not None and has_home
    if form == "adapter" and not can_adapt:
        why = "the tuning adds no adapter" if has_home else "its base was made from random numbers"
        raise TrainingError(f"the bundle cannot hold an adapter alone: {why}", ["set bundle.form to 'standalone' or 'auto'"])
    if form == "standalone" or not can_adapt:
        _refuse_unmergeable(tuned, has_home=has_home)
        return "standalone"
    return "adapter"


def _refuse_unmergeable(tuned: Tuned, *, has_home: bool) -> None:
    """Told before the first step: at the end of a training it would be a pity."""
    if not tuned.cannot_merge:
        return
    why = [f"the adapter cannot be folded into them: {tuned.cannot_merge}"]
    if not has_home:
        why.append("and it cannot be saved alone: its base was made from random numbers and is found nowhere")
    told = "begin from a checkpoint (model.name = 'hub')" if not has_home else "set bundle.form to 'adapter' or 'auto'"
    way_out = f"{told}, or choose a tuning that can be folded in, such as 'lora', 'dora' or 'ia3'"
    raise TrainingError("the bundle cannot hold all weights", [*why, way_out])


def save(
    folder: Path,
    recipe: Recipe,
    built: Built,
    splits: Splits,
    *,
    heads: Sequence[Head],
    bands: Mapping[str, Band],
    recipe_text: str,
    results: Sequence[Result],
) -> Bundle:
    """Write the bundle of a trained net; a standalone one must have been merged before."""
    manifest = Manifest(
        form=built.form,
        heads=tuple(heads),
        bands=bands,
        text=asdict(built.encoder.settings),
        model=recipe["model"],
        tuning=recipe["tuning"],
        base=built.model.base if built.form == "adapter" else None,
        base_licence=_licence_of(built.model),
        data=record_of(splits),
        recipe=recipe_text,
        results=tuple(results),
        languages=tuple(recipe["bundle"].options.get("languages", ())),
        made_with=made_with(torch=torch.__version__, transformers=transformers.__version__, tokenizers=tokenizers.__version__),
    )
    labels = [label for head in heads for label in head.labels]
    return write_bundle(folder, manifest, lambda temporary: put_files(temporary, built, labels))


def _licence_of(model: Model) -> str:
    return (model.base.licence or f"not stated by {model.base.source}") if model.base else ""


def put_files(folder: Path, built: Built, labels: Sequence[str]) -> None:
    """Put tokenizer, shape and weights into a bundle's folder; what is saved whole must have been merged."""
    built.encoder.save(folder / TOKENIZER)
    write_shape(built.model.net, folder, labels)
    if built.form == "standalone":
        write_net(built.model.net, folder)
        return
    base, adapter = built.model.base, built.tuned.adapter
    assert base is not None, "an adapter needs a base"
    assert adapter is not None, "an adapter bundle needs an adapter"
    write_adapter(adapter, folder, base=base.source, revision=base.revision)


def unlooked(splits: Splits) -> Splits:
    """The same rows, and a note that no figure is of their test part."""
    return replace(splits, notes=(*splits.notes, UNLOOKED))


def record_of(splits: Splits) -> DataRecord:
    """What the bundle keeps of the data: names, numbers and digests."""
    return DataRecord(
        name=splits.name,
        how=splits.how,
        digest=digest_rows(splits),
        rows={part: len(splits.part(part)) for part in PARTS},
        files=dict(splits.files),
        licences=splits.licences,
        notes=splits.notes,
    )
