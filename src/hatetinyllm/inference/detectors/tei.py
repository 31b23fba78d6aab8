"""
An endpoint in the form of Text Embeddings Inference: `POST /predict {"inputs": [[text], ...]}`, all labels of each text.

Each text stands in a list of its own: two in one list would be a pair. Which label is hate is named, or recognised where
every source means the same by it.
"""

from collections.abc import Sequence

from hatetinyllm.inference.detectors.answers import Answers, AnyDetector, Told
from hatetinyllm.inference.detectors.asking import (
    Form,
    Reading,
    WrongForm,
    ask_all,
    field_of,
    score_of,
    seen,
    try_out,
)
from hatetinyllm.inference.detectors.endpoint import Endpoint, address_of, key_for
from hatetinyllm.inference.detectors.positive import positive_of

PATH = "/predict"


def open_detector(
    place: str,
    *,
    positive: str | None = None,
    key_env: str | None = None,
    batch: int = 32,
    parallel: int = 8,
    timeout_s: float = 30.0,
) -> AnyDetector:
    """The endpoint at an address, tried with one mild sentence."""
    address = address_of(place, PATH)
    endpoint = Endpoint(address, key_for(address, key_env, None), timeout_s=timeout_s)
    (labels,) = _labels(try_out(endpoint, Form(name="TEI", request=_request, read=_any_label, batch=1)), 1)
    label = positive_of(list(labels), positive, where=endpoint.shown)

    def read(found: object, count: int) -> list[Reading]:
        return [Reading(score=score_of(field_of(scores, label), label)) for scores in _labels(found, count)]

    form = Form(name="TEI", request=_request, read=read, batch=batch)

    def ask(texts: Sequence[str], told: Told) -> Answers:
        return ask_all(endpoint, form, texts, told, parallel=parallel)

    return AnyDetector(kind="tei", name=address, identity=f"{address} {label}", asked=label, ask=ask)


def _request(texts: Sequence[str]) -> object:
    return {"inputs": [[text] for text in texts]}


def _any_label(found: object, count: int) -> list[Reading]:
    return [Reading(score=score_of(next(iter(scores.values())), "score")) for scores in _labels(found, count)]


def _labels(found: object, count: int) -> list[dict[str, object]]:
    """The score of each label, text by text."""
    expected = f"a list of {count}, each a list of objects with 'label' and 'score'"
    if not isinstance(found, list) or len(found) != count:
        raise WrongForm(f"the answer is {seen(found)}", expected)
    labels = []
    for one in found:
        if not isinstance(one, list) or not one:
            raise WrongForm(f"what it says of a text is {seen(one)}", expected)
        labels.append({str(field_of(item, "label")): field_of(item, "score") for item in one})
    return labels
