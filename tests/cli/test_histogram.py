"""Every row is seen in the picture, and every threshold stands beside its bin."""

from hatetinyllm.cli.histogram import BINS, NEGATIVE, POSITIVE, WIDTH, histogram
from hatetinyllm.types import Band

BANDS = {"strict": Band(low=1.0, high=1.0), "half": Band(low=0.5, high=0.5), "review-10pct": Band(low=0.26, high=0.51)}


def test_each_bin_is_a_line_the_highest_first() -> None:
    lines = list(histogram([0, 1], [0.0, 1.0], {}))
    assert len(lines) == BINS
    assert lines[0].startswith("0.95–1.00 " + POSITIVE)
    assert lines[-1].startswith("0.00–0.05 " + NEGATIVE)
    assert all(POSITIVE not in line and NEGATIVE not in line for line in lines[1:-1])


def test_one_row_among_many_is_seen_and_the_longest_bar_fits() -> None:
    truth, scores = [0] * 10_000 + [1], [0.1] * 10_000 + [0.9]
    lines = list(histogram(truth, scores, {}))
    assert sum(line.count(POSITIVE) for line in lines) == 1
    assert max(line.count(NEGATIVE) for line in lines) == WIDTH


def test_thresholds_stand_beside_their_bins_highest_first() -> None:
    lines = list(histogram([0, 1], [0.2, 0.8], BANDS))
    marked = {line.split()[0]: line.partition("◂ ")[2] for line in lines if "◂" in line}
    assert marked == {"0.95–1.00": "strict 1", "0.50–0.55": "review-10pct 0.51, half 0.5", "0.25–0.30": "review-10pct from 0.26"}


def test_rows_of_both_labels_share_a_line() -> None:
    (line,) = [line for line in histogram([0, 1, 1], [0.42] * 3, {}) if POSITIVE in line]
    assert line.count(POSITIVE) > line.count(NEGATIVE) > 0
