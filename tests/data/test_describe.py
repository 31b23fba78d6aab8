"""What the rows look like: counts, lengths, and the same few examples each time."""

from hatetinyllm.data.describe import describe
from hatetinyllm.types import Example, Rejected, Splits

LABELS = [("hate",) if index % 3 else ("not_hate",) for index in range(90)]
ROWS = tuple(
    Example(text="word " * (index % 30 + 1), id=str(index), labels={"hate": label}) for index, label in enumerate(LABELS)
)
SPLITS = Splits(name="mine", train=ROWS[:60], test=ROWS[60:], rejected=(Rejected(line=4, reason="no text"),), notes=("a note",))


def test_every_row_has_a_length_and_a_label() -> None:
    found = describe(SPLITS)
    assert sum(row["rows"] for row in found["lengths"]) == 90
    assert [row["words"] for row in found["lengths"]] == ["0–4", "5–9", "10–19", "20–39"]
    assert found["counts"] == {"test": {"hate": 20, "not_hate": 10}, "train": {"hate": 40, "not_hate": 20}}
    assert (found["rejected"], found["notes"]) == (1, ["a note"])


def test_examples_are_a_few_of_each_label_and_always_the_same() -> None:
    shown = describe(SPLITS)["examples"]
    assert [example["label"] for example in shown] == ["hate", "hate", "not_hate", "not_hate"]
    assert shown == describe(SPLITS)["examples"]
