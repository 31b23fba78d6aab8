"""JSON of a stranger's becomes a dataclass only if every value fits; all that is wrong is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from hatetinyllm.typed import TypedError, build


@dataclass(frozen=True, kw_only=True)
class Inner:
    size: int
    share: float = 0.5

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(f"size is {self.size}")


@dataclass(frozen=True, kw_only=True)
class Outer:
    name: str
    inner: tuple[Inner, ...] = ()
    table: Mapping[str, Inner] = field(default_factory=dict)
    form: Literal["a", "b"] = "a"
    maybe: Inner | None = None
    free: Mapping[str, Any] = field(default_factory=dict)


def test_what_fits_is_built() -> None:
    content = {"name": "x", "inner": [{"size": 1}], "table": {"k": {"size": 2, "share": 1}}, "form": "b", "maybe": None}
    assert build(Outer, {**content, "free": {"a": [1]}}) == Outer(
        name="x", inner=(Inner(size=1),), table={"k": Inner(size=2, share=1.0)}, form="b", free={"a": (1,)}
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "'name' is missing"),
        ({"name": 3}, "outer.name must be a text, got 3"),
        ({"name": "x", "nmae": 1}, "unknown key 'nmae' in outer (did you mean 'name'?)"),
        ({"name": "x", "inner": {}}, "outer.inner must be a list"),
        ({"name": "x", "inner": [{"size": True}]}, "outer.inner[0].size must be a whole number, got True"),
        ({"name": "x", "inner": [{"size": 1, "share": float("nan")}]}, "share must be a number, got nan"),
        ({"name": "x", "table": {"k": None}}, "outer.table.k must be an object, got None"),
        ({"name": "x", "form": "c"}, "outer.form is 'c'"),
        ({"name": "x", "maybe": {"size": -1}}, "outer.maybe: size is -1"),
        ([], "outer must be an object"),
    ],
)
def test_what_does_not_fit_is_told(content: object, said: str) -> None:
    with pytest.raises(TypedError) as caught:
        build(Outer, content)
    assert said in "\n".join(caught.value.problems)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(TypedError) as caught:
        build(Outer, {"name": 1, "form": "z", "inner": [{"size": "x"}, {}]})
    assert len(caught.value.problems) == 4
