"""Which process writes and speaks."""

import pytest

from hatetinyllm.processes import count_processes, has_siblings, is_first_process


@pytest.mark.parametrize(
    ("rank", "size", "first"), [(None, None, True), ("1", None, True), ("1", "1", True), ("0", "2", True), ("1", "2", False)]
)
def test_only_one_of_several_is_the_first(
    monkeypatch: pytest.MonkeyPatch, rank: str | None, size: str | None, first: bool
) -> None:
    for name, value in (("RANK", rank), ("WORLD_SIZE", size)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert is_first_process() is first
    assert has_siblings() is (size == "2")


@pytest.mark.parametrize(("size", "count"), [(None, 1), ("1", 1), ("4", 4)])
def test_processes_are_counted_as_their_launcher_says(monkeypatch: pytest.MonkeyPatch, size: str | None, count: int) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    if size is not None:
        monkeypatch.setenv("WORLD_SIZE", size)
    assert count_processes() == count
