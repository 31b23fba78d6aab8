"""A part as columns: ordered by id, labels by the scheme's question, equal texts by their form."""

from hatetinyllm.evaluation.parts import EMPTY, UNKNOWN, read_part
from hatetinyllm.types import Example, Splits


def row(id: str, text: str = "weather", label: str | None = "hate", scheme: str = "hate") -> Example:
    return Example(text=text, id=id, labels={} if label is None else {scheme: (label,)})


def test_rows_stand_in_the_order_of_their_ids() -> None:
    part = read_part(Splits(name="made-up", test=(row("b", "two"), row("a", "one"))), "test")
    assert part.ids == ("a", "b")
    assert part.texts == ("one", "two")
    assert len(part) == 2


def test_a_label_is_the_positive_one_or_another_or_unknown() -> None:
    rows = (row("a"), row("b", label="not_hate"), row("c", label=None))
    assert read_part(Splits(name="made-up", test=rows), "test").labels.tolist() == [1, 0, UNKNOWN]
    overt = tuple(row(label, label=label, scheme="aggression") for label in ("covert", "none", "overt"))
    assert read_part(Splits(name="made-up", test=overt, scheme="aggression"), "test").labels.tolist() == [0, 0, 1]
    group = (row("a", label="group", scheme="addressee"),)
    assert read_part(Splits(name="made-up", test=group, scheme="addressee"), "test").labels.tolist() == [UNKNOWN]


def test_texts_of_one_form_are_equal_and_nothing_to_read_equals_nothing() -> None:
    texts = ("Lovely  weather", "lovely weather ", "lovely  rain", " ", "")
    forms = read_part(Splits(name="m", test=tuple(row(str(n), text) for n, text in enumerate(texts))), "test").forms.tolist()
    assert forms[0] == forms[1] != forms[2]
    assert forms[3:] == [EMPTY, EMPTY]
