"""
An endpoint in the form of Perspective: `POST /v1alpha1/comments:analyze`, one text a request.

The score is the summary of one attribute, `IDENTITY_ATTACK` unless another is named by `category`. It is asked not to store
the texts.
"""

from collections.abc import Sequence

from hatetinyllm.inference.detectors.answers import Answers, AnyDetector, Told
from hatetinyllm.inference.detectors.asking import Form, Reading, ask_all, field_of, score_of, try_out
from hatetinyllm.inference.detectors.endpoint import Endpoint, address_of, key_for

PATH = "/v1alpha1/comments:analyze"
KEY = "PERSPECTIVE_API_KEY"


def open_detector(
    place: str,
    *,
    category: str = "IDENTITY_ATTACK",
    key_env: str | None = None,
    parallel: int = 8,
    timeout_s: float = 30.0,
) -> AnyDetector:
    """The endpoint at an address, tried with one mild sentence."""
    address = address_of(place, PATH)
    endpoint = Endpoint(address, key_for(address, key_env, KEY, parameter="key"), timeout_s=timeout_s)

    def request(texts: Sequence[str]) -> object:
        (text,) = texts
        return {"comment": {"text": text}, "requestedAttributes": {category: {}}, "doNotStore": True}

    def read(found: object, count: int) -> list[Reading]:
        path = ("attributeScores", category, "summaryScore", "value")
        return [Reading(score=score_of(field_of(found, *path), ".".join(path)))]

    form = Form(name="Perspective", request=request, read=read, batch=1)
    try_out(endpoint, form)

    def ask(texts: Sequence[str], told: Told) -> Answers:
        return ask_all(endpoint, form, texts, told, parallel=parallel)

    return AnyDetector(kind="perspective", name=address, identity=f"{address} {category}", asked=category, ask=ask)
