"""The pages of a study hold whatever is done, and say loudly when the nets are tiny."""

import json
from pathlib import Path

from hatetinyllm.studies.cross import Crossed, Pair, judge_pairs, pairs
from hatetinyllm.studies.publish import publish


def test_every_result_stands_in_the_tables_in_both_forms_and_as_json(finished) -> None:
    published = publish(finished.out)
    markdown, page, results = (path.read_text(encoding="utf-8") for path in published.files)
    assert [path.name for path in published.files] == ["tables.md", "tables.html", "cells.json"]
    assert len(json.loads(results)) == len(finished.cells) == len(published.cells)
    for text in (markdown, page):
        for number in ("IV", "V", "VI", "VII", "VIII"):
            assert f"Table {number}:" in text
        assert "Tiny nets of random weights" in text
        assert "MADE-UP ROWS of the demo stand in for dynahate and hateval" in text
        assert f".{round(finished.cells[0].headline.metrics['accuracy'] * 1000):03d}" in text


def test_the_matrix_stands_on_the_same_page(finished) -> None:
    (pair, *_) = pairs(finished.out, finished.cells[:1])
    assert [type(event) for event in judge_pairs([pair], finished.grid)] in ([], [Pair, Crossed])
    assert "Across datasets: macro" in publish(finished.out).files[0].read_text(encoding="utf-8")


def test_a_study_without_results_has_tables_of_dashes(tmp_path: Path) -> None:
    published = publish(tmp_path)
    assert published.cells == ()
    assert "0 of 40 cells" in published.files[0].read_text()
