"""What stands in two parts is counted by the row of the later part, whichever side recorded it."""

import numpy as np

from hatetinyllm.evaluation.crossing import conflicts, cross
from hatetinyllm.evaluation.neighbours import Pairs, joined
from hatetinyllm.evaluation.parts import Part, read_part
from hatetinyllm.types import Example, Splits

NONE = joined([])


def part(name: str, *rows: tuple[str, str, str | None], **more: dict[str, object]) -> Part:
    examples = tuple(
        Example(text=text, id=id, labels={"hate": (label,)} if label else {}, **more.get(id, {}))  # type: ignore[arg-type]
        for id, text, label in rows
    )
    return read_part(Splits(name="made-up", **{name: examples}), name)  # type: ignore[arg-type]


def apart(*parts: Part) -> dict[str, int]:
    return {name: number for number, name in enumerate(name for one in parts for name in one.ids)}


def test_equal_texts_are_counted_and_those_with_the_other_label_apart() -> None:
    train = part("train", ("a", "Lovely weather", "hate"), ("b", "rain", "not_hate"), ("c", "", "hate"))
    test = part(
        "test", ("x", "lovely  weather", "not_hate"), ("y", "rain", "not_hate"), ("z", "", "not_hate"), ("w", "rain", None)
    )
    found = cross(train, test, NONE, apart(train, test))
    assert (found.rows, found.exact, found.exact_opposite) == (4, 3, 1)
    assert (found.near, found.near_opposite) == (3, 1)  # an equal text is near too
    assert found.kin == found.partners == found.groups == 0


def test_near_texts_are_counted_once_a_row() -> None:
    train = part("train", ("a", "one", "hate"), ("b", "two", "not_hate"))
    test = part("test", ("x", "three", "not_hate"), ("y", "four", "not_hate"), ("z", "five", None))
    near = Pairs(queries=np.array([0, 0, 1, 2]), rows=np.array([0, 1, 1, 0]), cosine=np.ones(4, dtype=np.float32))
    found = cross(train, test, near, apart(train, test))
    assert (found.near, found.near_opposite) == (3, 1)


def test_partners_are_links_of_either_side() -> None:
    train = part(
        "train", ("a", "1", "hate"), ("b", "2", "not_hate"), ("c", "3", None), a={"partners": ("x",)}, b={"partners": ("nobody",)}
    )
    test = part("test", ("x", "4", "not_hate"), ("y", "5", "not_hate"), ("z", "6", "hate"), y={"partners": ("b", "c")},
                z={"partners": ("c",)})  # fmt: skip
    found = cross(train, test, NONE, apart(train, test))
    assert (found.partners, found.partners_known, found.partners_opposite) == (3, 2, 1)


def test_groups_and_kin_are_counted_by_row() -> None:
    train = part("train", ("a", "1", "hate"), ("b", "2", "hate"), a={"group": "g"})
    test = part("test", ("x", "3", "hate"), ("y", "4", "hate"), ("z", "5", "hate"), x={"group": "g"}, y={"group": "g"})
    found = cross(train, test, NONE, {"a": 0, "b": 1, "x": 0, "y": 2, "z": 1})
    assert (found.groups, found.kin) == (2, 2)


def test_texts_with_both_labels_in_one_part_are_conflicts() -> None:
    train = part("train", ("a", "rain", "hate"), ("b", "Rain", "not_hate"), ("c", "rain", None), ("d", "sun", "hate"),
                 ("e", "sun", "hate"), ("f", "", "hate"), ("g", "", "not_hate"))  # fmt: skip
    (found,) = conflicts([train])
    assert (found.part, found.texts, found.rows) == ("train", 1, 2)
