"""Several judgements: a table first, differences where they may be told, the spread of seeds."""

from dataclasses import replace

from hatetinyllm.reporting.report.compared import compared_of, systems_of
from hatetinyllm.reporting.report.subject import Subject


def other_model(judgement, **changes: object):
    manifest = {**judgement.manifest, "recipe": "[train]\nepochs = 9\n"}
    return replace(judgement, manifest=manifest, identity="sha256:other", **changes)


def test_seeds_of_one_recipe_are_one_system(subject, judgement_of, see) -> None:
    second = judgement_of(name="second", seed=1)
    recipe = second.manifest["recipe"].replace("42", "43")
    again = Subject(judgement=replace(second, manifest={**second.manifest, "recipe": recipe}), key="j1")
    assert [len(one.judgements) for one in systems_of([subject, again])] == [2]
    said = see(compared_of([subject, again])).said
    assert "over 2 seeds" in said
    assert "Differences" not in said


def test_one_training_judged_twice_is_no_second_seed(judgement_of) -> None:
    one, again = judgement_of(name="one"), judgement_of(name="two")
    assert len(systems_of([Subject(judgement=one), Subject(judgement=again, key="j1")])) == 2
    recipe = one.manifest["recipe"].replace("42", "43")
    other_mode = replace(again, mode="balanced", manifest={**again.manifest, "recipe": recipe})
    assert len(systems_of([Subject(judgement=one), Subject(judgement=other_mode, key="j1")])) == 2


def test_models_are_told_apart_by_paired_differences(judgement_of, see) -> None:
    one, other = judgement_of(name="one"), other_model(judgement_of(name="two", seed=5))
    page = see(compared_of([Subject(judgement=one), Subject(judgement=other, key="j1")]))
    assert "one less two" in page.said
    assert "McNemar" in page.said
    first = next(attributes for tag, attributes in page.tags if tag == "table")
    assert first["aria-label"].startswith("Every judgement")


def test_judgements_of_other_rows_have_no_difference(judgement_of, see) -> None:
    one, other = judgement_of(name="one"), other_model(judgement_of(name="two"))
    apart = replace(other, rows=replace(other.rows, ids=tuple(f"x{id}" for id in other.rows.ids), partners=()))
    said = see(compared_of([Subject(judgement=one), Subject(judgement=apart, key="j1")])).said
    assert "No paired difference" in said


def test_bundles_of_one_name_are_told_apart(judgement_of) -> None:
    one, other = judgement_of(name="same"), other_model(judgement_of(name="same"))
    systems = systems_of([Subject(judgement=one), Subject(judgement=other, key="j1")])
    assert [system.name for system in systems] == ["same", "same (2)"]
    bare = [Subject(judgement=replace(one, manifest={}), key=key) for key in ("j0", "j1")]
    assert len(systems_of(bare)) == 2


def test_seeds_of_other_rows_have_no_spread(subject, judgement_of, see) -> None:
    other = judgement_of(name="second")
    seed = {**other.manifest, "recipe": other.manifest["recipe"].replace("42", "43")}
    fewer = replace(other, result=replace(other.result, prevalence=0.4), manifest=seed)
    assert "no common spread" in see(compared_of([subject, Subject(judgement=fewer, key="j1")])).said
