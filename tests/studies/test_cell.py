"""A cell's result goes to JSON and back, and knows its own results from what it is measured by."""

import json

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.studies.cell import CellResult, from_text, to_text
from hatetinyllm.types import Result


def result(name: str = "test") -> Result:
    return Result(
        name=name,
        head="hate",
        positive="hate",
        rows=4,
        prevalence=0.5,
        threshold=0.5,
        metrics={"accuracy": 0.75, "auroc": None},
        confusion={"not_hate": {"not_hate": 1, "hate": 1}, "hate": {"not_hate": 0, "hate": 2}},
    )


def cell(*results: Result) -> CellResult:
    return CellResult(
        model="phi-2",
        method="zero-shot",
        dataset="hateval",
        split="paper",
        seed=42,
        results=results,
        recipe={"split": {"name": "random", "test_share": 0.2, "parts": ("train", "dev")}, "text": {"max_tokens": 128}},
        learning=10,
        weights=1000,
        seconds=1.5,
        notes=("a sample",),
    )


def test_it_goes_to_json_and_back() -> None:
    whole = cell(result(), result("test, TF-IDF baseline"))
    assert from_text(to_text(whole), where="cell.json") == whole


def test_the_headline_stands_first_and_yardsticks_are_known_by_their_names() -> None:
    whole = cell(result("plain"), result("definition"), result("always hate"), result("test, TF-IDF baseline"))
    assert whole.headline.name == "plain"
    assert [one.name for one in whole.readings] == ["plain", "definition"]
    assert whole.baseline is not None
    assert whole.baseline.name == "test, TF-IDF baseline"
    assert cell(result()).baseline is None


@pytest.mark.parametrize("results", [(), (result("always hate"),), (result("test, TF-IDF baseline"), result())])
def test_a_cell_without_a_result_of_its_own_is_refused(results: tuple[Result, ...]) -> None:
    with pytest.raises(ValueError, match="result"):
        cell(*results)


def test_a_damaged_file_is_told_with_all_that_is_wrong() -> None:
    content = json.loads(to_text(cell(result())))
    content["cell"] |= {"seed": "42", "modle": "phi-2"}
    with pytest.raises(DataError, match=r"cells/x\.json cannot be read") as caught:
        from_text(json.dumps(content), where="cells/x.json")
    assert len(caught.value.problems) == 2
    with pytest.raises(DataError, match="is no JSON"):
        from_text("{", where="cells/x.json")
    with pytest.raises(DataError, match="no cell of format 1"):
        from_text("[]", where="cells/x.json")
