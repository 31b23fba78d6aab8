"""The style sheet loads nothing and suits dark rooms, phones and paper."""

import pytest

from hatetinyllm.reporting.charts import PALETTE
from hatetinyllm.reporting.report.style import STYLE


@pytest.mark.parametrize("said", ["prefers-color-scheme: dark", "@media print", "min-width: 44rem", ":focus-visible"])
def test_it_suits(said: str) -> None:
    assert said in STYLE


def test_it_loads_nothing_and_braces_match() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert STYLE.count("{") == STYLE.count("}")
    assert "<" not in STYLE


def test_every_variable_is_in_the_palette() -> None:
    assert {part.split(")")[0] for part in STYLE.split("var(--")[1:]} <= set(PALETTE)
