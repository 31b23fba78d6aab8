"""One kind stands on the line, the second hangs below it."""

import pytest

from hatetinyllm.reporting.charts.histogram import Counts, histogram
from hatetinyllm.reporting.charts.scale import Axis

X = Axis(name="score")
EDGES = (0.0, 0.5, 1.0)


def bins(root) -> list[tuple[float, float]]:
    found = [one for one in root.iter() if one.tag.endswith("rect") and one.find("{http://www.w3.org/2000/svg}title") is not None]
    return [(float(one.get("y") or 0), float(one.get("height") or 0)) for one in found]


def test_one_kind(read, texts) -> None:
    root = read(histogram("t", [Counts(name="test", counts=(10, 0))], EDGES, x=X, of="texts"))
    ((_, height),) = bins(root)
    assert height == 170
    assert "texts" in texts(root)
    assert root[1].text == "score: test 10 texts."


def test_two_kinds_meet_at_nought(read, texts) -> None:
    root = read(histogram("t", [Counts(name="hate", counts=(0, 20)), Counts(name="<not>", counts=(10, 0))], EDGES, x=X))
    (above, high), (below, low) = bins(root)
    assert above + high == pytest.approx(below)
    assert high == pytest.approx(2 * low)
    assert {"hate", "<not>"} <= set(texts(root))
    assert "−" not in "".join(texts(root))


def test_no_rows_at_all_are_no_bars(read) -> None:
    assert bins(read(histogram("t", [Counts(name="a", counts=(0, 0))], EDGES, x=X))) == []


def test_counts_without_a_bin_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="each with 2 counts"):
        histogram("t", [Counts(name="a", counts=(1,))], EDGES, x=X)
