"""The picture of a training in a terminal fits eighty columns, in braille or in ASCII."""

import pytest

from hatetinyllm.cli.training_curve import HEIGHT, show_training_curve, training_picture
from hatetinyllm.reporting.training_curve import Point


def points(count: int, *, judged_every: int = 10) -> list[Point]:
    return [
        Point(
            number=number,
            epoch=1,
            loss=1 - 0.5 * number / count,
            learning_rate=1e-4,
            macro_f1=0.5 + 0.3 * number / count if number % judged_every == 0 else None,
            best=number % judged_every == 0,
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("count", [3, 40, 100_000])
def test_it_fits_eighty_columns(count: int, plain: bool) -> None:
    lines = list(training_picture(points(count, judged_every=max(2, count // 7)), plain=plain))
    assert len(lines) == HEIGHT + 4
    assert max(map(len, lines)) <= 80
    assert all(line.isascii() for line in lines) == plain


def test_a_falling_loss_goes_from_the_upper_left_to_the_lower_right() -> None:
    lines = list(training_picture(points(500), plain=True))
    rows = lines[1 : 1 + HEIGHT]
    starts = [len(row[11:]) - len(row[11:].lstrip()) for row in rows]
    assert starts == sorted(starts)
    assert starts[-1] > starts[0] + 40
    assert rows[0].startswith("    0.99")
    assert rows[-1].startswith("    0.5")


def test_judgements_stand_below_their_steps_and_the_kept_one_is_marked() -> None:
    line = list(training_picture(points(40, judged_every=20), plain=False))[-1]
    assert line.split() == ["macro-F1", "0.650", "0.800*"]
    assert 35 < line.index("0.650") < 45
    crowded = list(training_picture(points(1000, judged_every=10), plain=False))[-1]
    assert crowded.endswith("0.800*")
    assert len(crowded) <= 80


def test_without_judgements_there_is_no_line_of_them() -> None:
    lines = list(training_picture(points(40, judged_every=100), plain=False))
    assert len(lines) == HEIGHT + 3
    assert "macro" not in "".join(lines)


def test_a_level_loss_is_a_level_line() -> None:
    level = [Point(number=number, epoch=1, loss=0.5, learning_rate=1) for number in (1, 2, 3)]
    assert sum("'" in line for line in training_picture(level, plain=True)) == 1


def test_two_steps_are_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    show_training_curve(points(2))
    assert capsys.readouterr().out == ""
    show_training_curve(points(20))
    assert "macro-F1" in capsys.readouterr().out
