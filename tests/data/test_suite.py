"""A suite is true by construction, and its digest tells whether what is asked has changed."""

from dataclasses import replace

import pytest

from hatetinyllm.data.suite import (
    Function,
    Suite,
    digest_of_case,
    digest_of_text,
    suite_of,
    with_partners_both_ways,
    with_partners_of_groups,
)
from hatetinyllm.types import Example


def case(id: str, label: str = "hate", function: str | None = "one", **known: object) -> Example:
    return Example(text=f"text {id}", id=id, labels={"hate": (label,)} if label else {}, slice=function, **known)


CASES = (case("a"), case("b", "not_hate", "two"), case("c"))


def test_functions_come_in_the_order_of_the_rows_and_what_is_no_case_is_left_out() -> None:
    suite = suite_of("mine", [*CASES, case("d", ""), case("e", function=None)], descriptions={"two": "the other"})
    assert [function.name for function in suite.functions] == ["one", "two"]
    assert suite.functions[1].description == "the other"
    assert suite.notes == ("2 rows without a function or a label are left out",)
    assert suite.cases == CASES


def test_the_digest_is_the_same_in_any_order_and_changes_with_any_question() -> None:
    suite = suite_of("mine", CASES)
    assert suite.digest == suite_of("other", CASES[::-1]).digest
    changes = [{"text": "new"}, {"labels": {"hate": ("not_hate",)}}, {"partners": ("b",)}, {"mentions": ("women",)}, {"id": "z"}]
    digests = {suite_of("mine", [replace(CASES[0], **change), *CASES[1:]]).digest for change in changes}
    assert len(digests | {suite.digest}) == len(changes) + 1


def test_the_digest_of_a_case_is_of_its_question_alone() -> None:
    assert digest_of_case(CASES[0]) == digest_of_case(replace(CASES[0], id="z", mentions=("women",)))
    assert digest_of_case(CASES[0]) != digest_of_case(replace(CASES[0], text="new"))
    assert digest_of_text("a") == digest_of_text("a") != digest_of_text("b")


@pytest.mark.parametrize(
    ("cases", "functions"),
    [
        ([case("a"), case("a")], ["one"]),
        ([case("a")], ["one", "two"]),
        ([case("a")], ["one", "one"]),
        ([case("a", "")], ["one"]),
    ],
)
def test_a_suite_that_cannot_be_is_refused(cases: list[Example], functions: list[str]) -> None:
    with pytest.raises(ValueError, match="mine"):
        Suite(name="mine", cases=tuple(cases), functions=tuple(Function(name=name) for name in functions))


def test_a_bar_is_a_share() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Function(name="one", bar=80)


def test_partners_name_each_other() -> None:
    a, b, c = with_partners_both_ways([case("a"), case("b", partners=("a",)), case("c", partners=("a",))])
    assert (a.partners, b.partners, c.partners) == (("b", "c"), ("a",), ("a",))


def test_an_edited_case_is_the_partner_of_its_groups_original() -> None:
    rows = [
        case("a", group="1", perturbed=False),
        case("b", group="1", perturbed=True),
        case("c", group="2", perturbed=True),
        case("d", group="3", perturbed=False),
        case("e", group="3", perturbed=False),
        case("f", group="3", perturbed=True),
    ]
    assert [one.partners for one in with_partners_of_groups(rows)] == [("b",), ("a",), (), (), (), ()]
