"""Systems on the same rows: differences with intervals, tests that are corrected together, and the rows to read."""

from dataclasses import replace

import numpy as np
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.compare import compare
from hatetinyllm.evaluation.evaluate import judge_scores
from hatetinyllm.evaluation.judgement import Drawn, Judged, Judgement
from hatetinyllm.evaluation.matched import System
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics.paired import mcnemar
from hatetinyllm.types import Band, Head


@pytest.fixture
def judged(hate, noisy_rows):
    """Judgements of the same 400 rows; `skill` is how well the scores follow the truth."""

    def make(name: str, *, skill: float, seed: int, rows: Rows | None = None, head: Head = hate) -> Judgement:
        own = rows or noisy_rows(400, skill=skill, seed=seed)
        return Judgement(
            name=name,
            identity=f"sha256:{name}{seed}",
            head=head,
            mode="best-guess",
            band=Band(low=0.5, high=0.5),
            judged=Judged(name="made-up", part="test", how="official", digest="0", rows=400),
            drawn=Drawn(draws=100, seed=1, kin="pairs"),
            result=judge_scores(own.truth, own.scores, hate, name=name),
            rows=own,
        )

    return make


def system(*judgements: Judgement) -> System:
    return System(name=judgements[0].name, judgements=judgements)


def test_a_better_system_is_better_beyond_chance(judged) -> None:
    found = compare([system(judged("good", skill=2, seed=1)), system(judged("bad", skill=0.1, seed=2))], draws=500)
    (pair,) = found.pairs
    accuracy = pair.differences[0]
    assert accuracy.metric == "accuracy"
    assert accuracy.difference == pytest.approx(accuracy.one - accuracy.other)
    assert accuracy.interval is not None
    assert accuracy.interval.low > 0
    assert accuracy.adjusted is not None
    assert accuracy.p is not None
    assert accuracy.p < accuracy.adjusted < 0.05
    assert pair.mcnemar is not None
    assert (pair.mcnemar.only_a, pair.mcnemar.only_b) == (len(pair.only_one), len(pair.only_other))
    assert pair.mcnemar.how == "sign flips of groups of kin"  # these rows stand in pairs
    assert pair.mcnemar.p < 0.01
    assert [one.metric for one in pair.differences] == ["accuracy", "f1_hate", "macro_f1", "auroc"]


def test_a_system_does_not_differ_from_itself(judged) -> None:
    same = judged("same", skill=1, seed=1)
    (pair,) = compare([system(same), System(name="again", judgements=(same,))], draws=200).pairs
    for one in pair.differences:
        assert one.difference == 0
        assert one.p == 1
        assert one.interval is not None
        assert (one.interval.low, one.interval.high) == (0, 0)
    assert (pair.only_one, pair.only_other) == ((), ())


def test_the_rows_to_read_are_those_only_one_has_right(judged) -> None:
    one, other = judged("one", skill=1, seed=1), judged("other", skill=1, seed=2)
    (pair,) = compare([system(one), system(other)], draws=100).pairs
    right = [(judgement.rows.scores >= 0.5) == (judgement.rows.truth == 1) for judgement in (one, other)]
    assert pair.only_one == tuple(id for id, a, b in zip(one.rows.ids, *right, strict=True) if a and not b)
    assert pair.only_other == tuple(id for id, a, b in zip(one.rows.ids, *right, strict=True) if b and not a)


def test_the_order_of_rows_plays_no_part(judged) -> None:
    one, other = judged("one", skill=1, seed=1), judged("other", skill=1, seed=2)
    order = np.random.default_rng(0).permutation(400)
    rows = other.rows
    shuffled = Rows(
        ids=tuple(rows.ids[row] for row in order),
        truth=rows.truth[order],
        scores=rows.scores[order],
        clusters=rows.clusters[order],
    )
    plain, mixed = (compare([system(one), system(two)], draws=200).pairs for two in (other, replace(other, rows=shuffled)))
    assert plain == mixed


def test_only_common_rows_are_compared_and_the_others_counted(judged) -> None:
    one, other = judged("one", skill=1, seed=1), judged("other", skill=1, seed=2)
    part = other.rows.only(np.arange(400) < 300)
    found = compare([system(one), system(replace(other, rows=part))], draws=100)
    assert (found.rows, found.left_out) == (300, 100)


def test_seeds_are_averaged_and_their_signs_exchanged(judged) -> None:
    good = system(*(judged("good", skill=2, seed=seed) for seed in range(6)))
    bad = system(*(judged("bad", skill=0.2, seed=seed + 10) for seed in range(6)))
    (pair,) = compare([good, bad], draws=200).pairs
    accuracy = pair.differences[0]
    values = [float(((one.rows.scores >= 0.5) == (one.rows.truth == 1)).mean()) for one in good.judgements]
    assert accuracy.one == pytest.approx(np.mean(values))
    assert accuracy.of_seeds == pytest.approx(2 / 2**6)  # all six signs alike, on either side
    assert pair.mcnemar is None


def test_tests_are_corrected_over_all_pairs(judged) -> None:
    systems = [
        system(judged(name, skill=skill, seed=seed)) for seed, (name, skill) in enumerate({"a": 0.6, "b": 0.9, "c": 1.2}.items())
    ]
    found = compare(systems, draws=300)
    assert [(pair.one, pair.other) for pair in found.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    smallest = min(found.pairs, key=lambda pair: pair.mcnemar.p)
    assert smallest.adjusted == pytest.approx(min(1.0, 3 * smallest.mcnemar.p))


def test_what_cannot_be_compared_is_refused_with_every_reason(judged) -> None:
    one = judged("one", skill=1, seed=1)
    with pytest.raises(DataError, match="two systems or more"):
        compare([system(one)])
    other_head = replace(one, name="two", head=Head(name="toxicity", labels=("not_toxic", "toxic"), positive="toxic"))
    with pytest.raises(DataError, match="different questions"):
        compare([system(one), system(other_head)])
    with pytest.raises(DataError, match="stands 2 times"):
        compare([system(one), system(one)])
    elsewhere = replace(one, name="two", rows=replace(one.rows, ids=tuple(f"x{row}" for row in range(400)), partners=()))
    with pytest.raises(DataError, match="no row in common"):
        compare([system(one), system(elsewhere)])
    turned = replace(one, name="two", rows=replace(one.rows, truth=1 - one.rows.truth))
    with pytest.raises(DataError, match="not of the same data"):
        compare([system(one), system(turned)])


def test_other_data_with_the_same_ids_is_refused_and_another_part_is_told(judged) -> None:
    one, other = judged("one", skill=1, seed=1), judged("other", skill=1, seed=2)

    def elsewhere(**own: object) -> System:
        return system(replace(other, judged=replace(other.judged, digest="1", **own)))

    with pytest.raises(DataError, match="cannot be compared") as told:
        compare([system(one), elsewhere(name="unrelated")], draws=100)
    assert "judged on unrelated" in told.value.problems[0]
    with pytest.raises(DataError, match="cannot be compared") as told:
        compare([system(one), elsewhere(files={"rows.csv": "sha256:1"})], draws=100)
    assert "of other files" in told.value.problems[0]
    assert any("not of the same part" in note for note in compare([system(one), elsewhere(part="dev")], draws=100).notes)


def test_kin_of_any_judgement_are_kin_in_every_pair(judged) -> None:
    one, other = judged("one", skill=1, seed=1), judged("other", skill=1, seed=2)
    alone = replace(one, rows=replace(one.rows, clusters=np.arange(400)))
    crossed = replace(other, rows=replace(other.rows, clusters=(np.arange(400) + 1) // 2 % 200))
    pairs = compare([system(one), system(other)], draws=200)
    mixed = compare([system(alone), system(other)], draws=200)
    assert mixed.pairs == pairs.pairs  # whichever is named first
    assert not any("groups of kin" in note for note in pairs.notes)
    assert any("kin in any are kin here, 200 groups" in note for note in mixed.notes)
    ring = compare([system(one), system(crossed)], draws=200)  # pairs that overlap join all rows
    assert any("kin here, 1 groups" in note for note in ring.notes)
    assert all(figure.interval is None and figure.p is None for figure in ring.pairs[0].differences)


def test_rows_without_kin_have_mcnemars_test(judged) -> None:
    alone = [judged(name, skill=1, seed=seed) for seed, name in enumerate(("one", "other"))]
    alone = [replace(one, rows=replace(one.rows, clusters=np.arange(400))) for one in alone]
    (pair,) = compare([system(one) for one in alone], draws=100).pairs
    assert pair.mcnemar == mcnemar(len(pair.only_one), len(pair.only_other))


def test_rows_of_one_label_have_no_figure_that_needs_both(judged) -> None:
    marks = np.tile([False, True], 200)
    own = [judged(name, skill=1, seed=seed) for seed, name in enumerate(("one", "other"))]
    systems = [system(replace(one, rows=one.rows.only(marks))) for one in own]
    (pair,) = compare(systems, draws=100).pairs
    accuracy, *others = pair.differences
    assert accuracy.difference is not None
    assert accuracy.interval is not None
    for figure in others:
        told = (figure.one, figure.other, figure.difference, figure.interval, figure.p, figure.adjusted)
        assert told == (None,) * 6, figure.metric


def test_what_no_result_could_get_below_is_told(judged) -> None:
    seeds = [system(*(judged(name, skill=1, seed=seed) for seed in range(3))) for name in ("one", "other")]
    few = compare(seeds, draws=100).notes
    assert "100 draws cannot give 4 differences a corrected p below 0.079: take more --draws" in few
    assert "3 seeds cannot give a p of seeds below 0.25" in few
    assert not any("draws cannot" in note for note in compare(seeds, draws=1000).notes)
