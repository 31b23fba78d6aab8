"""Points lie where they are, and grow with their rows."""

from hatetinyllm.reporting.charts.reliability import Bin, reliability

BINS = [
    Bin(start=0.0, end=0.5, score=0.25, positive=0.1, rows=400, low=0.05, high=0.2),
    Bin(start=0.5, end=0.9, score=0.75, positive=0.0, rows=0),
    Bin(start=0.9, end=1.0, score=0.95, positive=0.9, rows=100),
]


def test_bins_with_rows_are_shown_and_told(read, texts) -> None:
    root = read(reliability("t", BINS, positive="hate"))
    assert root[1].text == "Share that is hate: at .25 .10 of 400 rows; at .95 .90 of 100 rows."
    sizes = [float(found.get("r") or 0) for found in root.iter() if found.tag.endswith("circle")]
    assert sizes == [9, 6]
    assert {"share that is hate", "400", "rows"} <= set(texts(root))


def test_one_bin_and_none_are_charts_too(read) -> None:
    read(reliability("t", BINS[:1], positive="hate"))
    read(reliability("t", [], positive="hate"))
