"""Made-up judgements with hostile names in every place a name may stand, and pages read as a browser reads them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from hatetinyllm.evaluation.judge import Plan, judge
from hatetinyllm.evaluation.judgement import Judged, Judgement
from hatetinyllm.evaluation.terms import Group
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.suite import Suite, Tested
from hatetinyllm.types import Band, Example, Head

EVIL = "<script>alert('x')</script> & \"quoted\""
VOID = {"meta", "br", "img", "link"}
HEAD = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
ROWS = 240
BANDS = {"best-guess": Band(low=0.5, high=0.5), "balanced": Band(low=0.45, high=0.45), "review": Band(low=0.35, high=0.65)}
RECIPE = '[data]\nname = "made-up"\nseed = 7\n\n[train]\nepochs = 3\nseed = 42\n'
MANIFEST: dict[str, Any] = {
    "form": "standalone",
    "model": {"name": "scratch", "options": {"layers": 1, "seed": 0}},
    "tuning": {"name": "full", "options": {}},
    "base": None,
    "base_licence": "",
    "text": {"max_tokens": 32, "normaliser": 1},
    "temperatures": {"hate": 1.5},
    "data": {
        "name": "demo",
        "how": "official",
        "digest": "d" * 64,
        "rows": {"dev": 20, "train": 100},
        "files": {EVIL: "f" * 64},
        "licences": ("apache-2.0",),
    },
    "recipe": RECIPE,
    "made_with": {"hatetinyllm": "0.1.0"},
    "made_at": "2026-01-02T03:04:05+00:00",
}


GROUPS = tuple(
    Group(name=name, axis="trade", singular=word, plural=f"{word}s", terms=(word, f"{word}s"))
    for name, word in ((EVIL, "gardener"), ("sailors", "sailor"), ("all_bakers", "baker"), ("nobody", "smith"))
)


def examples() -> list[Example]:
    """Mild sentences; every third names gardeners or sailors, partners differ in one word and in their label."""
    made = []
    for number in range(ROWS):
        hateful = number % 2 == 0
        people = ("gardeners", "sailors", "bakers")[number // 2 % 3]
        text = f"{people} {'ruin' if hateful else 'mend'} the harbour wall again, said row {number}"
        made.append(
            Example(
                text=text,
                id=f"row{number}",
                labels={"hate": ("hate" if hateful else "not_hate",), "target": (people,) if hateful else ()},
                round=str(1 + number // 80),
                perturbed=number % 2 == 1,
                partners=(f"row{number ^ 1}",),
                slice=EVIL if number % 40 == 0 else f"function {number % 5}",
                mentions=(people,),
            )
        )
    return made


def scores_of(texts: Any, *, seed: int = 0) -> np.ndarray:
    """Right more often than not, and the same for the same text."""
    found = []
    for text in texts:
        drawn = np.random.default_rng([seed, *text.encode()]).normal()
        found.append(1 / (1 + np.exp(-(1.2 if " ruin " in text else -1.2) - drawn)))
    return np.array(found)


@cache
def judged_by(mode: str = "best-guess", *, name: str = "a detector", seed: int = 0, data: str = "made-up") -> Judgement:
    """A whole judgement: slices, pairs, groups of people, the swap test, thresholds and baselines."""
    rows = examples()
    judged = Judged(
        name=data,
        part="test",
        how="official",
        digest="a" * 64,
        rows=ROWS + 4,
        seen=4,
        asked={"data": {"name": data}, "split": {"name": "grouped"}},
        files={"made/up.csv": "b" * 64},
        licences=("cc-by-4.0",),
        languages=("en",),
        notes=("a note to know",),
    )
    found = judge(
        lambda texts: scores_of(texts, seed=seed),
        rows,
        HEAD,
        name=name,
        identity="sha256:" + "c" * 64,
        judged=judged,
        clusters=[number // 2 for number in range(ROWS)],
        kin="recorded partners",
        mode=mode,
        band=BANDS[mode],
        dev=rows[:60],
        baseline=lambda texts: scores_of(texts, seed=99) * 0.9,
        plan=Plan(draws=120, groups=GROUPS, terms="terms, made up", swaps=30, needed=20),
    )
    return replace(
        found,
        train_rows=100,
        bands=BANDS,
        manifest=MANIFEST,
        made_with={"hatetinyllm": "0.1.0", "python": "3.11.7"},
        made_at="2026-02-03T04:05:06+00:00",
    )


@pytest.fixture(scope="session")
def judgement() -> Judgement:
    """One whole judgement."""
    found = judged_by(name=EVIL, data=EVIL)
    return replace(found, manifest={**MANIFEST, "data": {**MANIFEST["data"], "name": EVIL}})


@pytest.fixture(scope="session")
def judgement_of() -> Callable[..., Judgement]:
    """Makes judgements of other modes, names and seeds."""
    return judged_by


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """The texts of the rows, each with a sign that must be escaped."""
    return {example.id: f"{example.text} <b>&" for example in examples()}


@pytest.fixture(scope="session")
def suite() -> Suite:
    """A suite with a function that mostly fails."""
    functions = (
        Tested(name=EVIL, cases=20, passed=3, expected="hate", description=EVIL, groups={"sailors": (1, 10), "bakers": (2, 4)}),
        Tested(name="plain", cases=10, passed=10, expected="not_hate"),
        Tested(name="never asked", cases=0, passed=0),
    )
    return Suite(name=EVIL, detector=EVIL, functions=functions, groups=("sailors", "bakers"))


@pytest.fixture(scope="session")
def audit() -> dict[str, Any]:
    """An audit, as JSON."""
    whole = {
        "logistic": 0.63,
        "nearest": 0.31,
        "probe": 0.79,
        "copied": 0.5,
        "majority": 0.55,
        "close": [{"cosine": 0.7, "rows": 9, "share": 0.09}],
    }
    return {
        "name": EVIL,
        "how": "official",
        "part": "test",
        "verdict": "leaks",
        "reasons": [EVIL, "kin are parted"],
        "crossings": [{"earlier": "train", "later": "test", "rows": 100, "kin": 80}],
        "figures": whole,
        "histogram": [{"low": 0.0, "high": 0.5, "same": 5, "opposite": 1}, {"low": 0.5, "high": 1.0, "same": 2, "opposite": 7}],
    }


@pytest.fixture(scope="session")
def subject(judgement: Judgement, suite: Suite, audit: dict[str, Any]) -> Subject:
    """A judgement in a report, with all that may stand beside it."""
    return Subject(judgement=judgement, suites=(suite,), audit=audit)


@pytest.fixture(scope="session")
def bare(judgement: Judgement) -> Subject:
    """A judgement of which little is known: no rows, parts, groups or manifest."""
    nothing = dict.fromkeys(("slices", "contrasts", "groups", "operating", "others"), ())
    stripped = replace(judgement, **nothing, rows=None, swaps=None, manifest={}, bands={}, made_at="")
    return Subject(judgement=replace(stripped, judged=replace(stripped.judged, notes=(), files={}, licences=(), seen=0)))


class Page(HTMLParser):
    """What a browser would see: tags in order with their attributes, and the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def said(self) -> str:
        """All texts in one."""
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="session")
def see() -> Callable[[str], Page]:
    """Parses HTML; every tag must be closed, and no hostile name may have become one."""

    def parse(html: str) -> Page:
        page = Page()
        page.feed(html)
        page.close()
        assert not page.open
        assert not {"script", "b", "img", "iframe", "link"} & {tag for tag, _ in page.tags}
        assert not [
            attributes for _, attributes in page.tags if "style" in attributes or any(key.startswith("on") for key in attributes)
        ]
        return page

    return parse
