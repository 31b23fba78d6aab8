"""What the sections of a recipe ask of each other, told before any data is read, from words and shapes alone."""

import torch

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.errors import ModelError
from hatetinyllm.models.label_words import wrong_words
from hatetinyllm.models.lower import freeze_below
from hatetinyllm.models.model import load_model, outline
from hatetinyllm.training.save import choose_form
from hatetinyllm.tuning.tune import tune


def wrong_readout(recipe: Recipe) -> list[str]:
    """What label words, and a stored readout, ask of the other sections; the headline is a question of two labels."""
    name, options = recipe["readout"].name, recipe["readout"].options
    if name == "stored" and recipe["model"].name == "scratch":
        return ["readout stored needs a checkpoint that has one: model 'scratch' begins with random numbers"]
    if name != "label-words":
        return []
    heads = len(recipe["heads"].options["heads"])
    problems = wrong_words(options["words"], prompt=recipe["text"].options["prompt"], heads=heads, labels=2)
    if not (options["words"] and recipe["text"].options["prompt"]):
        problems.append("a prompt and its words, to begin with: --preset label-words, or `hatetinyllm init --preset label-words`")
    if recipe["model"].name == "scratch":
        problems.append("readout label-words needs a language model: model 'scratch' begins with random numbers and has no words")
    if recipe["tuning"].name == "head" and not options["learns"]:
        problems.append("tuning 'head' trains the readout alone and readout.learns is false: nothing would learn")
    return problems


def check_form(recipe: Recipe) -> None:
    """Random weights have no home: a tuning over them that can be saved in no form is told now, from shapes alone."""
    if recipe["model"].name == "scratch":
        with torch.device("meta"):
            model = load_model(recipe["model"], 2)
            choose_form(model, tune(model.net, recipe["tuning"]), **recipe["bundle"].options)


def check_frozen(recipe: Recipe) -> None:
    """Blocks that cannot be frozen are told of now, from shapes alone, where the model tells its shape."""
    if count := recipe["train"].options["frozen_blocks"]:
        try:
            net = outline(recipe["model"], 2)
        except ModelError:
            return
        with torch.device("meta"):
            freeze_below(tune(net, recipe["tuning"]).net, count)
