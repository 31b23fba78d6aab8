"""From a trained net to a bundle: an adapter over its named base, or all weights with the adapter folded in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import tokenizers
import torch
import transformers

from hatetinyllm.bundle import TOKENIZER, Bundle, DataRecord, Manifest, made_with, write_bundle
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.errors import TrainingError
from hatetinyllm.models.model import Model
from hatetinyllm.models.readout import Readout
from hatetinyllm.models.weights import write_net, write_shape
from hatetinyllm.text.encode import Encoder
from hatetinyllm.tuning.tune import Tuned, write_adapter
from hatetinyllm.types import PARTS, Band, Choice, Head, Result, Splits

Form = Literal["adapter", "standalone"]


def choose_form(
    model: Model,
    tuned: Tuned,
    *,
    form: Literal["auto", "adapter", "standalone"] = "auto",  # auto: an adapter where there is one and its base has a home
) -> Form:
    """Whether the bundle holds an adapter or all weights; an adapter needs a base that can be found again."""
    can_adapt = tuned.adapter is not None and model.base is not None
    if form == "adapter" and not can_adapt:
        why = "its base was made from random numbers" if model.base is None else "the tuning adds no adapter"
        raise TrainingError(f"the bundle cannot hold an adapter alone: {why}", ["set bundle.form to 'standalone' or 'auto'"])
    if form == "auto":
        return "adapter" if can_adapt else "standalone"
    return form


def save(
    folder: Path,
    model: Model,
    tuned: Tuned,
    form: Form,
    *,
    heads: Sequence[Head],
    bands: Mapping[str, Band],
    encoder: Encoder,
    choices: tuple[Choice, Choice],
    splits: Splits,
    recipe: str,
    results: Sequence[Result],
) -> Bundle:
    """Write the bundle of a net; a standalone one must have been merged before."""
    model_choice, tuning_choice = choices
    manifest = Manifest(
        form=form,
        heads=tuple(heads),
        bands=bands,
        text=asdict(encoder.settings),
        model=model_choice,
        tuning=tuning_choice,
        base=model.base if form == "adapter" else None,
        data=record_of(splits),
        recipe=recipe,
        results=tuple(result_record(result) for result in results),
        made_with=made_with(torch=torch.__version__, transformers=transformers.__version__, tokenizers=tokenizers.__version__),
    )

    def put_files(temporary: Path) -> None:
        encoder.save(temporary / TOKENIZER)
        net = model.net
        assert isinstance(net, Readout)
        write_shape(net, temporary, [label for head in heads for label in head.labels])
        if form == "standalone":
            write_net(net, temporary)
        else:
            assert tuned.adapter is not None
            assert model.base is not None
            write_adapter(tuned.adapter, temporary, base=model.base.source, revision=model.base.revision)

    return write_bundle(folder, manifest, put_files)


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


def result_record(result: Result) -> dict[str, Any]:
    """A result as JSON."""
    return asdict(result)
