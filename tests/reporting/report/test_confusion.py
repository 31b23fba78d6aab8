"""Right and wrong in counts and shares, and every figure in a table."""

from hatetinyllm.reporting.report.confusion import confusion_of, figures_of
from hatetinyllm.reporting.report.subject import Subject


def test_the_counts_are_those_of_the_result(subject, see) -> None:
    said = see(confusion_of(subject)).said
    for row in subject.judgement.result.confusion.values():
        for count in row.values():
            assert str(count) in said
    assert "decides every row" in said


def test_what_is_left_to_people_is_told(judgement_of, see) -> None:
    judgement = judgement_of("review")
    assert f"leaves {judgement.review.rows} rows to people" in see(confusion_of(Subject(judgement=judgement))).said


def test_every_metric_is_there(subject, see) -> None:
    rows = [attributes for tag, attributes in see(figures_of(subject)).tags if tag == "tr"]
    assert len(rows) == 1 + len(subject.judgement.result.metrics)
