"""The policy: every way a score, a mode and its thresholds can meet, and laws that hold for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.errors import UnknownName
from hatetinyllm.policy import BEST_GUESS, BEST_GUESS_BAND, judge, refuse
from hatetinyllm.types import REFUSALS, Band, Head, Reason, Verdict

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
TARGET = Head(name="target", labels=("women", "muslims"), many=True)
TONE = Head(name="tone", labels=("none", "covert", "overt"), positive="overt")
BANDS = {
    BEST_GUESS: BEST_GUESS_BAND,
    "strict": Band(low=0.8, high=0.8),
    "lenient": Band(low=0.2, high=0.2),
    "careful": Band(low=0.3, high=0.7),
}
scores = st.floats(0, 1)


def verdict(score: float, mode: str = BEST_GUESS) -> Verdict:
    return judge([HATE], {"hate": (1 - score, score)}, mode, BANDS)


@pytest.mark.parametrize(
    ("score", "mode", "guess", "label", "reason"),
    [
        (0.9, BEST_GUESS, "hate", "hate", Reason.MODEL),
        (0.1, BEST_GUESS, "not_hate", "not_hate", Reason.MODEL),
        (0.5, BEST_GUESS, "hate", "hate", Reason.MODEL),
        (0.6, "strict", "hate", "not_hate", Reason.THRESHOLD),
        (0.8, "strict", "hate", "hate", Reason.MODEL),
        (0.3, "lenient", "not_hate", "hate", Reason.THRESHOLD),
        (0.1, "lenient", "not_hate", "not_hate", Reason.MODEL),
        (0.4, "careful", "not_hate", None, Reason.ABSTAIN),
        (0.6, "careful", "hate", None, Reason.ABSTAIN),
        (0.3, "careful", "not_hate", None, Reason.ABSTAIN),
        (0.7, "careful", "hate", "hate", Reason.MODEL),
        (0.29, "careful", "not_hate", "not_hate", Reason.MODEL),
        (0.0, BEST_GUESS, "not_hate", "not_hate", Reason.MODEL),
        (1.0, "strict", "hate", "hate", Reason.MODEL),
    ],
)
def test_score_and_mode_make_label_and_reason(score: float, mode: str, guess: str, label: str | None, reason: Reason) -> None:
    found = verdict(score, mode)
    assert (found.guess, found.label, found.reason, found.mode) == (guess, label, reason, mode)
    assert found.score == pytest.approx(score, abs=1e-4)


@given(scores)
def test_the_score_is_the_positive_labels_whatever_the_guess(score: float) -> None:
    assert verdict(score).score == verdict(score, "strict").score == round(score, 4)


@given(scores, st.sampled_from(sorted(BANDS)))
def test_the_guess_does_not_depend_on_the_mode(score: float, mode: str) -> None:
    assert verdict(score, mode).guess == verdict(score).guess


@given(scores, scores, st.sampled_from(sorted(BANDS)))
def test_a_higher_score_is_never_less_hateful(one: float, other: float, mode: str) -> None:
    rank = {"not_hate": 0, None: 1, "hate": 2}
    low, high = sorted((one, other))
    assert rank[verdict(low, mode).label] <= rank[verdict(high, mode).label]


@given(scores)
def test_the_decision_is_made_on_the_score_that_is_shown(score: float) -> None:
    shown = verdict(score, "strict")
    assert (shown.label == "hate") == (shown.score is not None and shown.score >= 0.8)


def test_an_unknown_mode_is_an_error_with_the_nearest_word() -> None:
    with pytest.raises(UnknownName, match=r"no mode 'strikt' \(did you mean 'strict'\?\)"):
        verdict(0.5, "strikt")


@pytest.mark.parametrize("reason", sorted(REFUSALS))
def test_a_refusal_has_only_a_reason(reason: Reason) -> None:
    found = refuse(reason, "strict")
    assert (found.guess, found.label, found.score, found.scores, found.reason) == (None, None, None, {}, reason)


@pytest.mark.parametrize("reason", sorted(set(Reason) - REFUSALS))
def test_only_refusals_refuse(reason: Reason) -> None:
    with pytest.raises(AssertionError):
        refuse(reason, "strict")


def test_a_verdict_says_its_thresholds() -> None:
    told = [verdict(0.4, mode) for mode in ("strict", "careful")]
    assert [(one.mode, one.threshold, one.review_from) for one in told] == [("strict", 0.8, None), ("careful", 0.7, 0.3)]
    refused = refuse(Reason.EMPTY_TEXT, "careful", BANDS["careful"])
    assert (refused.mode, refused.threshold, refused.review_from) == ("careful", 0.7, 0.3)


shares = st.lists(st.floats(0, 1), min_size=2, max_size=2)
heads = st.sampled_from(
    [HATE, Head(name="hate", labels=("hate", "not_hate"), positive="hate"), Head(name="hate", labels=("a", "b"))]
)
bands = st.lists(st.floats(0, 1), min_size=2, max_size=2).map(lambda ends: Band(low=min(ends), high=max(ends)))


@given(heads, shares, bands, st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_whatever_is_scored_there_is_a_verdict_that_explains_itself(
    head: Head, pair: list[float], band: Band, tone: list[float]
) -> None:
    found = judge([head, TONE], {"hate": pair, "tone": tone}, "any", {"any": band})
    positive = head.positive or head.labels[1]
    score = round(pair[head.labels.index(positive)], 4)
    expected = positive if score >= band.high else None if score >= band.low else head.labels[1 - head.labels.index(positive)]
    assert found.label == expected
    assert found.threshold == band.high
    assert (found.reason is Reason.ABSTAIN) == (found.label is None)
    assert found.label is not None or found.review_from == band.low


def test_every_head_has_its_scores() -> None:
    found = judge([HATE, TARGET, TONE], {"hate": (0.2, 0.8), "target": (0.9, 0.6), "tone": (0.2, 0.3, 0.5)}, BEST_GUESS, BANDS)
    assert found.scores == {
        "hate": 0.8,
        "target.women": 0.9,
        "target.muslims": 0.6,
        "tone.none": 0.2,
        "tone.covert": 0.3,
        "tone.overt": 0.5,
    }


def test_a_headline_of_three_labels_answers_the_likeliest() -> None:
    found = judge([TONE], {"tone": (0.2, 0.45, 0.35)}, "strict", BANDS)
    assert (found.label, found.guess, found.score, found.reason) == ("covert", "covert", 0.35, Reason.MODEL)
    assert (found.threshold, found.review_from) == (None, None)


def test_the_positive_label_may_stand_first() -> None:
    head = Head(name="hate", labels=("hate", "not_hate"), positive="hate")
    found = judge([head], {"hate": (0.9, 0.1)}, "strict", BANDS)
    assert (found.label, found.score) == ("hate", 0.9)
