"""A bar is as long as the share it stands for."""

import pytest

from hatetinyllm.cli.checked import WIDTH, bar_of


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, "░" * 20), (1, "█" * 20), (0.5, "█" * 10 + "░" * 10), (0.025, "▌" + "░" * 19), (0.999, "█" * 20)]
)
def test_a_bar_shows_its_share(share: float, drawn: str) -> None:
    assert bar_of(share) == drawn


def test_every_bar_is_of_one_width() -> None:
    assert {len(bar_of(number / 997)) for number in range(998)} == {WIDTH}
