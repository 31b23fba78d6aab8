"""
Claim: a suite of HateCheck's size is checked in seconds, and an endpoint that takes its time is asked side by side.

The golden bundle, and a stub on this machine in each wire form that takes 5 ms a request; OpenAI's form also one text after
another. They take turns in one process. Run: python benchmarks/check.py [--turns N]      writes docs/results/check.json
"""

import argparse
import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hatetinyllm.data.suite import Suite, suite_of
from hatetinyllm.studies.check import check_suite
from hatetinyllm.types import Example

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "results" / "check.json"
BUNDLE = ROOT / "tests" / "golden" / "bundle"
CASES, FUNCTIONS = 3_728, 29
LATENCY_S = 0.005


def made_up() -> Suite:
    """As many cases and functions as HateCheck has, of about as many words, none twice."""
    cases = []
    for number in range(CASES):
        hate = number % FUNCTIONS < 20
        text = f"Number {number} says that the {'awful' if hate else 'mild'} weather of street {number % 97} is here to stay."
        labels = {"hate": ("hate" if hate else "not_hate",)}
        cases.append(Example(text=text, id=str(number), labels=labels, slice=f"function {number % FUNCTIONS}"))
    return suite_of("made up", cases)


def openai(body: Any) -> Any:
    """OpenAI's answer."""
    return {"results": [{"category_scores": {"hate": 0.9 if "awful" in text else 0.1}} for text in body["input"]]}


def perspective(body: Any) -> Any:
    """Perspective's answer."""
    value = 0.9 if "awful" in body["comment"]["text"] else 0.1
    return {"attributeScores": {"IDENTITY_ATTACK": {"summaryScore": {"value": value}}}}


def tei(body: Any) -> Any:
    """TEI's answer."""
    scores = [0.9 if "awful" in text else 0.1 for (text,) in body["inputs"]]
    return [[{"label": "hate", "score": score}, {"label": "not_hate", "score": 1 - score}] for score in scores]


FORMS: Mapping[str, Callable[[Any], Any]] = {"openai": openai, "perspective": perspective, "tei": tei}


@contextmanager
def stub(answer: Callable[[Any], Any]) -> Iterator[str]:
    """The address of a server on this machine that takes its time."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(LATENCY_S)
            content = json.dumps(answer(body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def seconds_of(suite: Suite, detector: str, **options: int) -> float:
    """The seconds of a whole check, opening the detector included."""
    start = time.perf_counter()
    checked = check_suite(suite, detector, bar=0.5, **options)
    assert checked.figures.overall.unanswered == 0
    return time.perf_counter() - start


def turn(suite: Suite) -> dict[str, float]:
    """Every way once."""
    took = {"bundle": seconds_of(suite, str(BUNDLE))}
    for form, answer in FORMS.items():
        with stub(answer) as address:
            took[form] = seconds_of(suite, f"{form}:{address}")
            if form == "openai":
                took["openai, one text after another"] = seconds_of(suite, f"{form}:{address}", batch=1, parallel=1)
    return took


def main() -> None:
    """Take turns, print the medians and write them down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3, help="how often each way runs")
    asked = parser.parse_args()
    suite = made_up()
    turns = [turn(suite) for _ in range(asked.turns)]
    ways = {way: statistics.median(one[way] for one in turns) for way in turns[0]}
    for way, took in ways.items():
        print(f"{way}: {took:.2f} s, {CASES / took:,.0f} cases/s")
    print(f"side by side is {ways['openai, one text after another'] / ways['openai']:.1f} times as fast as one after another")
    found = {
        "cases": CASES,
        "functions": FUNCTIONS,
        "latency_s": LATENCY_S,
        "turns": asked.turns,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "seconds": {way: round(took, 3) for way, took in ways.items()},
        "cases_per_s": {way: round(CASES / took, 1) for way, took in ways.items()},
        "spread_s": {way: [round(min(one[way] for one in turns), 3), round(max(one[way] for one in turns), 3)] for way in ways},
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
