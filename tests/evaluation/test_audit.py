"""Planted leaks are found at the rates they were planted at, clean rows pass, and DynaHate's figures come out."""

import json
import random
from dataclasses import replace

import pytest

from hatetinyllm.data import SPLITS
from hatetinyllm.data.dynahate import load
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.audit import Doing, Limits, audit
from hatetinyllm.evaluation.parted import families, leak_free
from hatetinyllm.plain import to_json
from hatetinyllm.types import PARTS, Example, Splits

OTHER = {"hate": "not_hate", "not_hate": "hate"}
APPROXIMATE = Limits(row_products=400, exact_products=0)


def sentences(count: int, draw: random.Random) -> list[tuple[str, str]]:
    """Made-up texts whose label shows in a word of most of them."""
    known = ["".join(draw.choices("abdegiklmnorstu", k=draw.randint(3, 8))) for _ in range(3000)]
    made = []
    for _ in range(count):
        label = draw.choice(["hate", "not_hate"])
        words = draw.choices(known, k=draw.randint(10, 18))
        words[draw.randrange(len(words))] = {"hate": "dreadful", "not_hate": "wonderful"}[label]
        made.append((" ".join(words), label))
    return made


def row(id: str, text: str, label: str, **more: object) -> Example:
    return Example(text=text, id=id, labels={"hate": (label,)}, **more)  # type: ignore[arg-type]


def made(*, exact: int = 0, near: int = 0, flipped: int = 0, test: int = 300, seed: int = 1, dev: int = 60) -> Splits:
    """Splits with so many leaks of each kind among the test rows, none among the others."""
    draw = random.Random(seed)
    rows = sentences(900 + dev + test, draw)
    train, others = rows[:900], rows[900 + dev :]
    leaks: list[tuple[str, str]] = []
    for number, (text, label) in enumerate(draw.sample(train, exact + near + flipped)):
        words = text.split()
        if number >= exact:
            words[draw.randrange(len(words))] = "changed"
        leaks.append((" ".join(words), OTHER[label] if number >= exact + near else label))
    others[: len(leaks)] = leaks
    return Splits(
        name="made-up",
        train=tuple(row(f"train{number}", *one) for number, one in enumerate(train)),
        dev=tuple(row(f"dev{number}", *one) for number, one in enumerate(rows[900 : 900 + dev])),
        test=tuple(row(f"test{number}", *one) for number, one in enumerate(others)),
    )


@pytest.mark.parametrize("limits", [None, APPROXIMATE])
def test_planted_leaks_are_found_at_their_rates(limits: Limits | None) -> None:
    found = audit(made(exact=15, near=30, flipped=45), limits=limits).audit
    assert found.verdict == "leaks"
    crossing = found.crossings[1]
    assert (crossing.earlier, crossing.later, crossing.rows) == ("train", "test", 300)
    assert (crossing.exact, crossing.exact_opposite) == (15, 0)
    assert 86 <= crossing.near <= 90  # an edit of a short text may leave less than .7
    assert 42 <= crossing.near_opposite <= 45
    assert found.figures.close[1].share == pytest.approx(0.3, abs=0.015)
    assert found.figures.close[1].opposite == pytest.approx(0.5, abs=0.04)
    assert any("of 300 test rows" in reason and "kin in train" in reason for reason in found.reasons)
    assert found.nearest_rows.startswith("exact" if limits is None else "approximate (400 products a row")


def test_flipped_partners_let_the_probe_read_the_answers() -> None:
    found = audit(made(flipped=200)).audit
    assert found.figures.probe is not None
    assert found.figures.logistic is not None
    assert found.figures.probe - found.figures.logistic > 0.1
    assert found.figures.nearest is not None
    assert found.figures.nearest < 0.5
    assert [reason.partition(":")[0] for reason in found.reasons] == [
        "kin are parted",
        "answers can be looked up",
        "near rows mislead",
    ]


def test_copied_rows_are_seen_as_leaks_though_the_probe_loses_by_them() -> None:
    found = audit(made(exact=100)).audit
    assert found.verdict == "leaks"
    assert found.figures.probe is not None
    assert found.figures.copied is not None
    assert found.figures.copied > found.figures.probe + 0.3
    assert [reason.partition(":")[0] for reason in found.reasons] == ["kin are parted"]


@pytest.mark.parametrize("limits", [None, APPROXIMATE])
def test_clean_rows_pass(limits: Limits | None) -> None:
    found = audit(made(), limits=limits).audit
    assert (found.verdict, found.reasons) == ("clean", ())
    assert sum(one.same + one.opposite for one in found.histogram) == found.figures.rows == 300


def test_recorded_partners_alone_are_leaks() -> None:
    splits = made()
    first = replace(splits.test[0], partners=("train7",), labels={"hate": (OTHER[str(splits.train[7].label)],)})
    found = audit(replace(splits, test=(first, *splits.test[1:]))).audit
    assert found.crossings[1].partners == found.crossings[1].partners_known == found.crossings[1].partners_opposite == 1
    assert found.reasons == ("kin are parted: 1 of 300 test rows (0.3%) have kin in train",)


def test_the_order_of_rows_changes_nothing() -> None:
    splits = made(exact=10, near=20, flipped=30)
    draw = random.Random(3)
    mixed = replace(splits, **{part: tuple(draw.sample(rows, len(rows))) for part, rows in
                               (("train", splits.train), ("dev", splits.dev), ("test", splits.test))})  # fmt: skip
    for limits in (None, APPROXIMATE):
        assert audit(mixed, limits=limits).audit == audit(splits, limits=limits).audit


@pytest.mark.parametrize("kin_rows", [0, 50_000])
def test_what_is_left_without_leaks_is_clean(kin_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "__kwdefaults__", {"kin_rows": kin_rows})
    splits = made(exact=20, near=100, flipped=100)
    place = leak_free(splits, audit(splits).kin)
    left = replace(
        splits, **{part: tuple(example for example in splits.part(part) if place[example.id] == part) for part in PARTS}
    )
    assert len(left.train) < len(splits.train) - 150
    assert left.test == splits.test
    found = audit(left, whole=splits).audit
    assert (found.verdict, found.reasons) == ("clean", ())


def test_rounds_are_judged_each() -> None:
    splits = made()
    test = tuple(replace(example, round=str(number % 3)) if number % 3 else example for number, example in enumerate(splits.test))
    found = audit(replace(splits, test=test)).audit
    assert [(one.name, one.rows) for one in found.rounds] == [("round 1", 100), ("round 2", 100)]


def test_one_label_and_nothing_to_read_do_not_stop_an_audit() -> None:
    train = (row("a", "lovely weather", "hate"), row("b", "", "hate"), row("c", "lovely rain", "hate"))
    test = (row("x", " ", "hate"), row("y", "lovely weather", "hate"), Example(text="no label", id="z"))
    found = audit(Splits(name="made-up", train=train, test=test)).audit
    assert found.figures.logistic is found.figures.probe is None
    assert found.figures.rows == 2
    assert any("one label only" in note for note in found.notes)
    assert any("1 of 3 test rows have no label" in note for note in found.notes)
    assert json.loads(to_json(found))["verdict"] == "leaks"


def test_empty_texts_alone_do_not_stop_an_audit() -> None:
    splits = Splits(name="m", train=(row("a", "", "hate"), row("b", "", "not_hate")), test=(row("x", "", "hate"),))
    assert audit(splits).audit.figures.overruled == 0


def test_without_a_test_part_dev_is_judged() -> None:
    found = audit(replace(made(), test=())).audit
    assert (found.part, found.figures.rows) == ("dev", 60)
    assert [(one.earlier, one.later) for one in found.crossings] == [("train", "dev")]


def test_without_train_or_anything_to_judge_there_is_an_error_that_says_so() -> None:
    whole = made()
    with pytest.raises(DataError, match="neither a test nor a dev part") as error:
        audit(replace(whole, test=(), dev=()))
    assert "it has train (900 rows)" in str(error.value)
    with pytest.raises(DataError, match="compares with train, and there is none"):
        audit(replace(whole, train=()))


def test_a_long_audit_tells_what_it_is_at() -> None:
    told: list[Doing] = []
    audit(made(), on_event=told.append)
    said = [doing.what for doing in told]
    assert said[0] == "n-grams"
    assert "test rows near dev" in said
    assert said[-1] == "the probe"
    assert any(doing.done == doing.of == 300 for doing in told)


@pytest.mark.data
@pytest.mark.parametrize(
    ("split", "verdict", "logistic", "nearest", "probe"),
    [("official", "leaks", 0.631, 0.311, 0.794), ("official-leakfree", "clean", 0.706, 0.603, 0.673)],
)
def test_dynahate(split: str, verdict: str, logistic: float, nearest: float, probe: float, real_data) -> None:
    found = audit(SPLITS.get(split)(load())).audit
    assert found.verdict == verdict
    assert found.figures.logistic == pytest.approx(logistic, abs=0.01)
    assert found.figures.nearest == pytest.approx(nearest, abs=0.01)
    assert found.figures.probe == pytest.approx(probe, abs=0.01)
    assert found.nearest_rows == "exact"
