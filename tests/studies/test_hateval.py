"""The page of HatEval, on made-up files: a planted conflict is found, both tests are judged at once, a missing test is told."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from hatetinyllm.data.hateval import FILES
from hatetinyllm.data.hateval_relabels import labels_by_id
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.conflict import words
from hatetinyllm.inference.detector import Detector
from hatetinyllm.studies.hateval import Asked, Kit, best_threshold, hateval

HEADER = "id,text,HS,TR,AG"
HATE, OTHER = "they must go away #{tag}", "they may stay and be welcome #sunny"
ASKED = Asked(draws=100, needed=10)

Mirror = Callable[[Mapping[str, str]], Path]


def rows(start: int, count: int) -> list[str]:
    """Half of them hate, all under one hashtag."""
    made = [(HATE.format(tag="thatbridge"), 1) if row % 2 else (OTHER, 0) for row in range(count)]
    return [f"{start + row},{text} {row * 7919},{hate},0,0" for row, (text, hate) in enumerate(made)]


def relabelled_rows(count: int) -> list[str]:
    """The relabelling's own ids; what it calls hate has the hashtag, and the official label says so in one of three."""
    labels = list(labels_by_id().items())[:count]
    texts = [HATE.format(tag="thatbridge") if one["hate"] == ("hate",) else OTHER for _, one in labels]
    official = [int(one["hate"] == ("hate",) and place % 3 == 0) for place, (_, one) in enumerate(labels)]
    return [f"{id},{text} {id},{hate},0,0" for (id, _), text, hate in zip(labels, texts, official, strict=True)]


def files(language: str = "en", *, test: bool = True) -> dict[str, str]:
    parts = {"train": rows(201, 120), "dev": rows(18_201, 40)}
    if test:
        parts["test"] = relabelled_rows(120) if language == "en" else rows(30_001, 60)
    return {FILES[f"{language} {part}"].path: "\n".join([HEADER, *lines]) + "\n" for part, lines in parts.items()}


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "hateval")


@pytest.fixture
def kit(mirror: Mirror, accepted: None, golden_bundle: Path) -> Kit:
    mirror(files())
    return hateval(ASKED, [Detector.open(golden_bundle)])


def test_both_policies_are_counted_and_the_ceiling_is_their_agreement(kit: Kit) -> None:
    official, again = kit.parts["official test"], kit.parts["relabelled test"]
    assert official.rows == again.rows == 120
    assert kit.missing == ()
    assert kit.changed == again.positive - official.positive > 0
    assert kit.ceiling is not None
    assert kit.ceiling.metrics["accuracy"] == pytest.approx(1 - kit.changed / 120)


def test_the_planted_conflict_is_found_against_the_official_test_alone(kit: Kit) -> None:
    found = {one.other: [word.word for word in one.found.clear] for one in kit.compared}
    assert found == {"official test": ["#thatbridge"], "relabelled test": []}


def test_every_system_is_judged_by_both_policies_on_the_same_scores(kit: Kit) -> None:
    systems = ("always hate", "always not_hate", "TF-IDF", "golden")
    tests = ("official test", "relabelled test")
    assert [(line.name, line.on) for line in kit.lines] == [(name, on) for name in systems for on in tests]
    of = {(line.name, line.on): line for line in kit.lines}
    official, again = of["TF-IDF", "official test"], of["TF-IDF", "relabelled test"]
    assert again.result.metrics["macro_f1"] == 1  # it learnt train's policy
    assert kit.ceiling is not None
    assert official.result.metrics["macro_f1"] == pytest.approx(kit.ceiling.metrics["macro_f1"])
    assert again.frozen is not None
    assert official.frozen is not None
    assert again.frozen.threshold == official.frozen.threshold  # dev's, whichever test is judged
    assert of["always hate", "official test"].frozen is None
    bundle = of["golden", "official test"]
    assert bundle.result.rows == 120
    assert bundle.frozen is not None  # by the bundle's own dev part
    assert bundle.oracle is not None
    assert bundle.oracle >= (bundle.frozen.metrics["macro_f1"] or 0)


def test_without_the_test_dev_stands_in_its_place_and_what_is_missing_is_told(mirror: Mirror, accepted: None) -> None:
    mirror(files(test=False))
    kit = hateval(ASKED)
    assert {line.on for line in kit.lines} == {"dev"}
    assert all(line.frozen is None for line in kit.lines)  # dev cannot choose for itself
    assert kit.ceiling is None
    assert kit.changed is None
    assert [one.other for one in kit.compared] == ["dev"]
    assert "hateval2019_en_test.csv: the organisers give it on request" in kit.missing[0]
    assert kit.parts["relabelled test, labels alone"].positive == 1_901


def test_spanish_has_one_policy(mirror: Mirror, accepted: None) -> None:
    mirror(files("es"))
    kit = hateval(Asked(language="es", draws=100, marks=words))
    assert {line.on for line in kit.lines} == {"official test"}
    assert kit.ceiling is None
    assert kit.missing == ("another labelling of the test: only the English one was labelled again",)
    assert {"away", "#thatbridge"} <= {word.word for word in kit.compared[0].found.words}


def test_a_bundle_that_cannot_be_judged_is_told_of_and_the_rest_goes_on(
    mirror: Mirror, accepted: None, golden_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror(files())
    detector = Detector.open(golden_bundle)
    monkeypatch.setattr("hatetinyllm.studies.hateval.judge_bundle", _refuses)
    kit = hateval(ASKED, [detector])
    assert {line.name for line in kit.lines} == {"always hate", "always not_hate", "TF-IDF"}
    assert kit.notes[-1].endswith("is not judged: it learnt from all of it; nothing is left")


def _refuses(*_: object, **__: object) -> None:
    raise DataError("it learnt from all of it", ["nothing is left"])


def test_the_best_threshold_is_the_one_nothing_beats() -> None:
    chance = np.random.default_rng(1)
    truth = chance.integers(0, 2, 60)
    scores = np.round(chance.random(60), 2)
    threshold = best_threshold(truth, scores)
    assert threshold is not None

    def macro(at: float) -> float:
        called = scores >= at
        parts = [2 * (called & (truth == 1)).sum() / (called.sum() + truth.sum()),
                 2 * (~called & (truth == 0)).sum() / ((~called).sum() + (truth == 0).sum())]  # fmt: skip
        return float(np.mean(parts))

    assert macro(threshold) == pytest.approx(max(macro(at) for at in scores))
    assert best_threshold(np.ones(3, dtype=np.int64), np.zeros(3)) is None
