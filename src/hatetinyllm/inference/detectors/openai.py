"""
An endpoint in the form of OpenAI's moderations: `POST /v1/moderations {"input": [...]}`, one result a text.

The score is that of one category, `hate` unless another is named. Its own decision, the category's flag, comes along.
"""

from collections.abc import Sequence

from hatetinyllm.inference.detectors.answers import Answers, AnyDetector, Told
from hatetinyllm.inference.detectors.asking import Form, Reading, WrongForm, ask_all, field_of, score_of, seen, try_out
from hatetinyllm.inference.detectors.endpoint import Endpoint, address_of, key_for

PATH = "/v1/moderations"
KEY = "OPENAI_API_KEY"


def open_detector(
    place: str,
    *,
    category: str = "hate",
    model: str | None = None,
    key_env: str | None = None,
    batch: int = 32,
    parallel: int = 8,
    timeout_s: float = 30.0,
) -> AnyDetector:
    """The endpoint at an address, tried with one mild sentence."""
    address = address_of(place, PATH)
    endpoint = Endpoint(address, key_for(address, key_env, KEY), timeout_s=timeout_s)
    named = {"model": model} if model else {}

    def request(texts: Sequence[str]) -> object:
        return {**named, "input": list(texts)}

    def read(found: object, count: int) -> list[Reading]:
        return _read(found, count, category)

    form = Form(name="OpenAI moderations", request=request, read=read, batch=batch)
    try_out(endpoint, form)

    def ask(texts: Sequence[str], told: Told) -> Answers:
        return ask_all(endpoint, form, texts, told, parallel=parallel)

    identity = f"{address} {model}" if model else address
    return AnyDetector(kind="openai", name=address, identity=identity, asked=category, ask=ask)


def _read(found: object, count: int, category: str) -> list[Reading]:
    results = field_of(found, "results")
    if not isinstance(results, list) or len(results) != count:
        raise WrongForm(f"results is {seen(results)}", f"results: a list of {count}, one for each text")
    return [_reading(result, category) for result in results]


def _reading(result: object, category: str) -> Reading:
    score = score_of(field_of(result, "category_scores", category), f"category_scores.{category}")
    flags = result.get("categories") if isinstance(result, dict) else None
    flag = flags.get(category) if isinstance(flags, dict) else None
    return Reading(score=score, call=flag if isinstance(flag, bool) else None)
