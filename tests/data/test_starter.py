"""The starter suite: every group in every sentence, pairs that are what they say, and a template that reads back."""

from collections import Counter
from pathlib import Path

from hatetinyllm.data.cases import read_cases
from hatetinyllm.data.starter import GROUPS, MADE_FROM, SENTENCES, TEMPLATE, starter_suite


def test_every_function_names_every_group_as_often_but_the_one_that_names_none() -> None:
    suite = starter_suite()
    for function in suite.functions:
        named = Counter(group for case in suite.cases if case.slice == function.name for group in case.mentions)
        assert named == ({} if function.name == "hard words for things" else dict.fromkeys(GROUPS.values(), 2))
    assert len({case.text for case in suite.cases}) == len(suite.cases) == 162
    assert all("{" not in case.text for case in suite.cases)


def test_partners_are_there_and_flip_or_keep_the_label_as_their_functions_do() -> None:
    cases = {case.id: case for case in starter_suite().cases}
    pairs = {(case.slice, cases[id].slice) for case in cases.values() for id in case.partners}
    assert {pair for pair in pairs if pair in MADE_FROM.items()} == set(MADE_FROM.items())
    flips = {(cases[id].label, case.label) for case in cases.values() for id in case.partners if case.slice == "odd spelling"}
    assert flips == {("hate", "hate")}
    assert all(cases[id].label == "hate" for case in cases.values() if case.slice == "welcome" for id in case.partners)


def test_both_labels_are_asked_for_alike() -> None:
    labels = Counter(label for label, _, _ in SENTENCES.values())
    assert labels == {"hate": 7, "not_hate": 7}


def test_the_template_is_a_suite(tmp_path: Path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(TEMPLATE.format(file=path.name, name="our forum"), encoding="utf-8")
    suite = read_cases(path)
    assert suite.name == "our forum"
    assert [function.bar for function in suite.functions] == [0.8, 0.6, 0.8]
    assert len(suite.cases) == 7
    assert suite.cases[0].partners == (suite.cases[3].id,)
