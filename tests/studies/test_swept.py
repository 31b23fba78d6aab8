"""What a sweep came to, told from its trials and from what their runs left."""

import json
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.errors import TrainingError
from hatetinyllm.studies.sweep_recipe import SweepRecipe, read_sweep
from hatetinyllm.studies.swept import Places, judgements, kept_judgement, outcome_of, write_swept
from hatetinyllm.studies.trial import Trial

GIVEN: dict[str, Any] = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "model": {"name": "scratch"},
    "tuning": {"name": "lora"},
    "sweep": {"over": {"tuning.rank": "2,4"}},
}


@pytest.fixture
def recipe() -> SweepRecipe:
    return read_sweep(GIVEN)


def step(number: int, macro_f1: float | None, *, best: bool = False) -> str:
    dev = None if macro_f1 is None else {"metrics": {"macro_f1": macro_f1, "auroc": 1 - macro_f1}}
    return json.dumps({"number": number, "dev": dev, "best": best})


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Two trials that ran; of the first a line was cut short by a kill, and a step was done again."""
    made = Places(folder=tmp_path)
    lines = [step(5, 0.5, best=True), step(6, None), step(10, 0.7, best=True), step(10, 0.8, best=True), step(15, 0.6), '{"numb']
    for number, content in ((1, lines), (2, [step(5, 0.4, best=True)])):
        run = made.run(number)
        run.folder.mkdir(parents=True)
        run.steps.write_text("\n".join(content), encoding="utf-8")
        run.recipe.write_text(f"# trial {number}\n", encoding="utf-8")
    return made


def trials() -> list[Trial]:
    return [Trial(number=number, standing="done", values={"tuning.rank": 2 * number}, score=1 / number) for number in (1, 2)]


def test_the_score_is_of_the_weights_that_are_kept(places: Places) -> None:
    assert [one.step for one in judgements(places.run(1))] == [5, 10, 15]
    kept = kept_judgement(places.run(1))
    assert kept is not None
    assert (kept.step, kept.metrics["macro_f1"], kept.metrics["auroc"]) == (10, 0.8, pytest.approx(0.2))
    assert kept_judgement(places.run(3)) is None


def test_the_choice_says_among_how_many_judgements_it_was_made(places: Places, recipe: SweepRecipe) -> None:
    swept = outcome_of(trials(), trials()[0], {}, recipe, places)
    assert swept.judgements == 4
    assert len(swept.caveats) == 1
    assert "best of 2 trials" in swept.caveats[0]
    assert "4 judgements" in swept.caveats[0]
    assert outcome_of(trials(), None, {}, recipe, places).caveats == ()


def test_a_second_look_at_the_test_part_is_told(places: Places, recipe: SweepRecipe) -> None:
    for number in (1, 2):
        places.run(number).results.write_text("[]", encoding="utf-8")
    swept = outcome_of(trials(), trials()[1], {}, recipe, places)
    assert swept.tested == (1, 2)
    assert "not unseen any more" in swept.caveats[1]


def test_every_trial_and_the_best_recipe_are_kept(places: Places, recipe: SweepRecipe) -> None:
    swept = outcome_of(trials(), trials()[0], {"tuning.rank": 1.0}, recipe, places)
    write_swept(swept, recipe, places)
    assert places.best.read_text(encoding="utf-8") == "# trial 1\n"
    told = json.loads(places.trials.read_text(encoding="utf-8"))
    assert [trial["values"] for trial in told["trials"]] == [{"tuning.rank": 2}, {"tuning.rank": 4}]
    assert (told["over"], told["search"]["trials"], told["best"]["number"]) == ({"tuning.rank": "2, 4"}, 20, 1)


def test_results_that_are_no_results_are_told(places: Places, recipe: SweepRecipe) -> None:
    places.run(1).results.write_text('[{"name": 3}]', encoding="utf-8")
    with pytest.raises(TrainingError, match="cannot be read"):
        outcome_of(trials(), trials()[0], {}, recipe, places)
