"""A subject knows both of its labels."""


def test_the_labels_of_the_head(subject) -> None:
    assert (subject.positive, subject.negative) == ("hate", "not_hate")
