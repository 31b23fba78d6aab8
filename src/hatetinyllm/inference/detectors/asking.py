"""
Many texts put to an endpoint: in batches, several at once, in their own order in the end.

A form says how texts become a request and how its answer is read. The endpoint is tried first with one mild sentence, so
that a wrong address or a wrong form is told before any text of the user's has left the machine. Of a batch that is refused
the halves are asked, down to the texts that are the reason.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np

from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors.answers import Answers, Told
from hatetinyllm.inference.detectors.endpoint import Endpoint, Refusal

MILD = "The weather is nice today."
SHOWN_NAMES = 12


class WrongForm(ValueError):
    """An answer is not of the form that was expected: what was seen, and what was expected."""

    def __init__(self, seen: str, expected: str) -> None:
        super().__init__(seen, expected)
        self.seen, self.expected = seen, expected


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an answer says of one text."""

    score: float
    call: bool | None = None  # the endpoint's own decision


@dataclass(frozen=True, kw_only=True)
class Form:
    """How texts are asked about, and how so many answers are read."""

    name: str
    request: Callable[[Sequence[str]], object]
    read: Callable[[object, int], list[Reading]]
    batch: int  # texts a request


def try_out(endpoint: Endpoint, form: Form) -> object:
    """The answer to one mild sentence; what is not of this form is told now."""
    found = endpoint.ask(form.request([MILD]))
    if isinstance(found, Refusal):
        problems = [found.message] if found.message else []
        raise DetectorError(f"{endpoint.shown} refuses even a mild sentence in the form of {form.name}: {found.reason}", problems)
    _read(endpoint, form, found, 1)
    return found


def ask_all(endpoint: Endpoint, form: Form, texts: Sequence[str], told: Told, *, parallel: int) -> Answers:
    """The answers to all texts; the first thing that cannot be mended ends it."""
    found: list[Reading | Refusal | None] = [None] * len(texts)
    pool = ThreadPoolExecutor(max_workers=parallel)
    try:
        asked: dict[Future[list[Reading | Refusal]], int] = {
            pool.submit(_ask, endpoint, form, texts[start : start + form.batch]): start
            for start in range(0, len(texts), form.batch)
        }
        for done in as_completed(asked):
            readings = done.result()
            found[asked[done] : asked[done] + len(readings)] = readings
            told(len(readings))
    except BaseException:
        endpoint.end()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return _answers(found)


def seen(value: object) -> str:
    """What a value is, without what it holds: an answer may repeat the text."""
    if isinstance(value, dict):
        names = ", ".join(map(repr, list(value)[:SHOWN_NAMES]))
        return f"an object with {names}" if names else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, int | float) else "a text"


def score_of(value: object, name: str) -> float:
    """A number from 0 to 1, or the wrong form."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise WrongForm(f"{name} is {seen(value)}", f"{name}: a number from 0 to 1")
    return float(value)


def field_of(value: object, *path: str) -> object:
    """What stands at a path of names, or the wrong form."""
    for place, name in enumerate(path):
        if not isinstance(value, dict) or name not in value:
            where = ".".join(path[:place]) or "the answer"
            raise WrongForm(f"{where} is {seen(value)}", f"{'.'.join(path)}")
        value = value[name]
    return value


def _ask(endpoint: Endpoint, form: Form, texts: Sequence[str]) -> list[Reading | Refusal]:
    found = endpoint.ask(form.request(texts))
    if not isinstance(found, Refusal):
        return [*_read(endpoint, form, found, len(texts))]
    if len(texts) == 1:
        return [found]
    half = len(texts) // 2
    return [*_ask(endpoint, form, texts[:half]), *_ask(endpoint, form, texts[half:])]


def _read(endpoint: Endpoint, form: Form, found: object, count: int) -> list[Reading]:
    try:
        return form.read(found, count)
    except WrongForm as error:
        problems = [f"seen: {error.seen}", f"expected: {error.expected}"]
        raise DetectorError(f"{endpoint.shown} does not answer in the form of {form.name}", problems) from error


def _answers(found: Sequence[Reading | Refusal | None]) -> Answers:
    readings = [one if isinstance(one, Reading) else None for one in found]
    calls = tuple(one.call if one else None for one in readings)
    return Answers(
        scores=np.array([one.score if one else np.nan for one in readings], dtype=np.float64),
        reasons={place: one.reason for place, one in enumerate(found) if isinstance(one, Refusal)},
        calls=calls if any(call is not None for call in calls) else None,
    )
