"""Each facet by a figure that means something, few rows by nothing."""

from dataclasses import replace

from hatetinyllm.evaluation.slices import Slice, by_facet
from hatetinyllm.reporting.report.parts import contrasts_of, figure_of, parts_of


def test_facets_of_one_label_are_shown_by_accuracy(subject, see) -> None:
    found = by_facet(subject.judgement.slices)
    assert figure_of(found["round"]) == ("macro_f1", "macro-F1")
    assert figure_of(found["target"]) == ("accuracy", "accuracy")
    said = see(parts_of(subject)).said
    assert "round 1 · " in said
    assert "People attacked" in said


def test_a_part_of_few_rows_is_named_and_not_judged(subject, see) -> None:
    few = Slice(facet="round", word="9", rows=3, result=None)
    other = replace(subject, judgement=replace(subject.judgement, slices=(*subject.judgement.slices, few)))
    said = see(parts_of(other)).said
    assert "round 9 · 3" in said
    assert "too few rows" in said


def test_many_parts_are_cut_in_the_chart_and_whole_in_the_table(subject, see) -> None:
    made = tuple(Slice(facet="type", word=f"kind {number}", rows=number, result=None) for number in range(20))
    judged = next(one for one in subject.judgement.slices if one.result is not None)
    made = (*made, replace(judged, facet="type", word="kind judged", rows=99))
    said = see(parts_of(replace(subject, judgement=replace(subject.judgement, slices=made)))).said
    assert "The 16 largest of 21" in said
    assert said.count("kind 0") == 1
    assert said.count("kind 19") >= 2


def test_a_facet_of_few_rows_alone_is_a_sentence(subject, see) -> None:
    made = tuple(Slice(facet="type", word=f"kind {number}", rows=number, result=None) for number in range(3))
    page = see(parts_of(replace(subject, judgement=replace(subject.judgement, slices=made))))
    assert "Every part has too few rows by: type of hate." in page.said
    assert "svg" not in {tag for tag, _ in page.tags}


def test_pairs_stand_beside_their_expectation(subject, bare, see) -> None:
    assert "pairs whose labels differ" in see(contrasts_of(subject)).said
    assert contrasts_of(bare) == ""
    assert "tells these rows apart" in parts_of(bare)
