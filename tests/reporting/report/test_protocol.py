"""How the figures were obtained is said in words."""

from hatetinyllm.reporting.report.protocol import protocol_facts, protocol_of
from hatetinyllm.reporting.report.subject import Subject


def test_rows_split_and_what_was_left_out(subject, see) -> None:
    said = see(protocol_of(subject)).said
    assert "240 rows, 50.0 % hate" in said
    assert "4 rows of 244 because the model learnt from their text" in said
    assert "120 of them (recorded partners)" in said
    assert "A note to know." in said or "a note to know." in said
    assert "fixed at one half" in said


def test_a_chosen_threshold_and_a_band_of_doubt(judgement_of) -> None:
    found = protocol_facts(Subject(judgement=judgement_of("review")))
    assert found["Mode"].startswith(
        "review: hate from a score of .650 on, not_hate below .350, left to people between; chosen on rows of the dev part"
    )


def test_nothing_left_out_is_said(bare) -> None:
    found = protocol_facts(bare)
    assert found["Left out"] == "Nothing."
    assert found["Baselines"].startswith("TF-IDF was not fitted.")
