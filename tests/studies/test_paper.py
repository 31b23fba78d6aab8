"""The paper's figures are whole, and what is said of them follows from them."""

from statistics import fmean

import pytest

from hatetinyllm.studies.paper import (
    DATASETS,
    DISAGREEMENTS,
    METHOD,
    MODELS,
    PREVALENCE,
    RESULTS,
    SETTINGS,
    TITLES,
    UNSTATED,
    Figures,
)

CELLS = [
    (number, model, dataset, RESULTS[number][model][dataset])
    for number in RESULTS
    for model in RESULTS[number]
    for dataset in DATASETS
]


def column(number: str, dataset: str, word: str) -> list[float]:
    return [float(getattr(row[dataset], word)) for row in RESULTS[number].values()]


def said(about: str) -> str:
    (found,) = [one for one in DISAGREEMENTS if one.about == about]
    return found.table


def test_all_twenty_cells_stand_with_two_digits() -> None:
    assert len(CELLS) == 20
    assert all(len(text) == 4 and 0 < float(text) < 1 for *_, figures in CELLS for text in (figures.accuracy, figures.f1))
    assert {model for _, model, _, _ in CELLS} == set(MODELS)


def test_every_table_has_its_title_and_method() -> None:
    assert TITLES.keys() == METHOD.keys() == {*SETTINGS, *RESULTS}
    assert {table for one in DISAGREEMENTS for table in one.tables} <= TITLES.keys()
    assert {method for _, methods in UNSTATED for method in methods} == set(METHOD.values())


def test_rows_add_up_to_what_the_text_says() -> None:
    assert {name: round(100 * hateful / every) for name, (hateful, every) in PREVALENCE.items()} == {
        "dynahate": 54,
        "hateval": 42,
    }
    assert PREVALENCE["dynahate"][1] == 22_175 + 18_969


@pytest.mark.parametrize(("model", "place"), [("tinyllama", "TinyLlama"), ("phi-2", "phi-2"), ("opt-1.3b", "opt-1.3b")])
def test_the_table_quoted_against_the_text_is_the_table(model: str, place: str) -> None:
    figures = RESULTS["VI"][model]["hateval"]
    assert said(f"{place}, HatEval, before tuning") == f"accuracy {figures.accuracy}, F1 {figures.f1}"


def test_mistral_has_the_lowest_f1_and_the_highest_accuracy() -> None:
    for dataset in DATASETS:
        assert min(column("VI", dataset, "f1")) == float(RESULTS["VI"]["mistral-7b"][dataset].f1)
        assert max(column("VI", dataset, "accuracy")) == float(RESULTS["VI"]["mistral-7b"][dataset].accuracy)


def test_mistral_untuned_is_more_accurate_than_every_adapter_on_hateval() -> None:
    assert float(RESULTS["VI"]["mistral-7b"]["hateval"].accuracy) > max(column("VII", "hateval", "accuracy"))


def test_lora_is_not_over_80_percent_everywhere() -> None:
    assert min(column("VIII", "hateval", "accuracy")) == 0.79
    assert RESULTS["VIII"]["opt-1.3b"]["hateval"] == Figures(accuracy="0.80", f1="0.81")
    assert column("VIII", "dynahate", "f1") == [0.81, 0.83, 0.83]


def test_opt_by_adapters_is_not_above_the_others() -> None:
    assert column("VII", "dynahate", "f1") == [0.75, 0.76, 0.71]
    assert column("VII", "hateval", "accuracy") == [0.69, 0.72, 0.72]


def test_the_mean_accuracy_of_the_base_models_is_about_one_half_as_the_text_says() -> None:
    assert fmean(column("VI", "dynahate", "accuracy") + column("VI", "hateval", "accuracy")) == pytest.approx(0.51, abs=0.005)
