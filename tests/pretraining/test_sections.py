"""A pretraining recipe has these sections and no others, and none of their parts is imported to know them."""

import subprocess
import sys

from hatetinyllm.config.recipe import resolve
from hatetinyllm.pretraining.sections import sections


def test_a_recipe_resolves_with_every_default() -> None:
    recipe = resolve({"corpus": {"files": ["a.txt"]}, "model": {"name": "scratch"}}, sections())
    assert set(recipe.sections) == {"corpus", "vocabulary", "model", "pretrain"}
    assert recipe["pretrain"].options["optimiser"] == "muon"


def test_reading_them_loads_no_torch() -> None:
    code = "from hatetinyllm.pretraining.sections import sections; sections(); import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
