"""Rows of several judgements are matched by id; kin in any are kin for all, whatever the order."""

from dataclasses import replace

import numpy as np
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores
from hatetinyllm.evaluation.judgement import Drawn, Judged, Judgement
from hatetinyllm.evaluation.matched import System, match
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.types import Band


@pytest.fixture
def system(hate):
    """A system of one judgement on rows named by letters, in the groups of kin that are given."""

    def make(name: str, ids: str, clusters: list[int], *, threshold: float = 0.5) -> System:
        truth = np.array([ord(id) % 2 for id in ids])
        rows = Rows(ids=tuple(ids), truth=truth, scores=np.linspace(0.1, 0.9, len(ids)), clusters=np.array(clusters))
        judgement = Judgement(
            name=name,
            identity=name,
            head=hate,
            mode="best-guess",
            band=Band(low=threshold, high=threshold),
            judged=Judged(name="made-up", part="test", how="official", digest="0", rows=len(ids)),
            drawn=Drawn(draws=100, seed=1, kin="made up"),
            result=judge_scores(rows.truth, rows.scores, hate, name=name),
            rows=rows,
        )
        return System(name=name, judgements=(judgement,))

    return make


def groups_of(clusters: np.ndarray, ids: tuple[str, ...]) -> set[frozenset[str]]:
    return {frozenset(id for id, own in zip(ids, clusters, strict=True) if own == group) for group in set(clusters.tolist())}


def test_rows_come_in_the_order_of_the_first_and_each_keeps_its_threshold(system) -> None:
    found = match([system("one", "abcd", [0, 1, 2, 3]), system("other", "dcxa", [0, 1, 2, 3], threshold=0.7)])
    (one,), (other,) = found.seats
    assert one.rows.ids == other.rows.ids == ("a", "c", "d")
    assert other.rows.scores == pytest.approx([0.9, 0.1 + 0.8 / 3, 0.1])
    assert (one.threshold, other.threshold, found.left_out) == (0.5, 0.7, 2)


def test_kin_of_any_judgement_are_kin_for_all(system) -> None:
    one, other = system("one", "abcd", [0, 0, 1, 2]), system("other", "abcd", [0, 1, 1, 2])
    for systems in ([one, other], [other, one]):
        found = match(systems)
        assert groups_of(found.clusters, found.seats[0][0].rows.ids) == {frozenset("abc"), frozenset("d")}
        assert not found.same_kin
    assert match([one, replace(one, name="again")]).same_kin


def test_groups_are_numbered_by_ids_and_not_by_places(system) -> None:
    one = match([system("one", "abcd", [5, 5, 3, 9]), system("other", "abcd", [1, 1, 2, 3])])
    turned = match([system("one", "dcba", [9, 3, 5, 5]), system("other", "abcd", [1, 1, 2, 3])])
    assert dict(zip("abcd", one.clusters, strict=True)) == dict(zip("dcba", turned.clusters, strict=True))


def test_nothing_in_common_is_an_error(system) -> None:
    with pytest.raises(DataError, match="no row in common"):
        match([system("one", "ab", [0, 1]), system("other", "cd", [0, 1])])
