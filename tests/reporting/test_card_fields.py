"""Fields tell what the judgement holds, and nothing where it holds nothing."""

from dataclasses import replace

from hatetinyllm.reporting.card_fields import FIELDS
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import FACETS

MADE = {field.heading: field.made for field in FIELDS}


def test_results_stand_beside_the_baselines_with_intervals(subject) -> None:
    said = MADE["Results"]([subject], {})
    assert "| TF-IDF |" in said.splitlines()[0]
    assert "macro-F1" in said
    assert "\\[." in said
    assert "One seed of training" in said


def test_thresholds_of_all_modes(subject) -> None:
    said = MADE["Thresholds"]([subject], {})
    assert ["balanced" in said, "review" in said, ".4500" in said] == [True, True, True]


def test_a_group_of_few_rows_is_insufficient(subject) -> None:
    figures = subject.judgement.groups[0]
    few = replace(figures.fairness.groups[0], name="few_people", positives=1, negatives=2, sufficient=False)
    groups = (replace(figures, fairness=replace(figures.fairness, groups=(*figures.fairness.groups, few))),)
    said = MADE["Groups of people"]([replace(subject, judgement=replace(subject.judgement, groups=groups))], {})
    assert "| few people | 1 | 2 | insufficient | – | – | – |" in said
    assert "nobody" not in said
    assert "With other people named" in said


def test_parts_and_groups_stand_under_what_they_are_parts_of(subject) -> None:
    parts, groups = (MADE[name]([subject], {}) for name in ("Parts of the rows", "Groups of people"))
    assert [line for line in parts.splitlines() if line.startswith("| **")] == [
        f"| **{title}** |  |  |  |" for title in dict.fromkeys(FACETS[one.facet] for one in subject.judgement.slices)
    ]
    assert groups.count("| **") == len(subject.judgement.groups)


def test_the_worst_functions_come_first(subject) -> None:
    said = MADE["Functional tests"]([subject], {})
    assert said.index("3 of 20 cases") < said.index("10 of 10 cases")


def test_mistakes_are_ids_alone(subject) -> None:
    said = MADE["Mistakes to read"]([subject], {})
    assert "row" in said
    assert "harbour" not in said


def test_a_judgement_of_little_tells_little(bare: Subject) -> None:
    assert MADE["Model"]([bare], {}) == ""
    assert "Base model: mine" in MADE["Model"]([bare], {"base_model": "mine"})
    assert MADE["Groups of people"]([bare], {}) == ""
    assert MADE["Groups of people"]([bare], {"groups": "no list in this language"}) == "no list in this language"
    assert MADE["Mistakes to read"]([bare], {}) == "None among the judged rows."
    assert "nothing" in MADE["Parts of the rows"]([bare], {})


def test_a_head_without_a_scheme_needs_its_policy_told(subject) -> None:
    head = replace(subject.judgement.head, name="spam")
    other = replace(subject, judgement=replace(subject.judgement, head=head))
    assert MADE["Label definition"]([other], {}) == ""
    assert MADE["Label definition"]([other], {"labels": "what nobody asked for"}).startswith("what nobody asked for")
