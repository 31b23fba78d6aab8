"""
What the paper prints: every figure of its tables IV to VIII, and the places where its text says otherwise.

Sen, Das and Sen (2024), HateTinyLLM, arXiv 2405.01577v1, read from its PDF. Figures stand as printed, to two digits (the
paper prints two of them as 0.7, where its text says 0.70). Which F1 it is the paper does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SOURCE = "Sen, Das, Sen 2024, arXiv 2405.01577v1"
DIGITS = 2  # of accuracy and F1 in print
PREVALENCE: Mapping[str, tuple[int, int]] = {"dynahate": (22_175, 41_144), "hateval": (3_783, 9_000)}  # Table III: hateful, all
TITLES: Mapping[str, str] = {
    "IV": "Hyperparameters for LoRA",
    "V": "Hyperparameters for adapters",
    "VI": "Base models, zero-shot",
    "VII": "Tuned by adapters",
    "VIII": "Tuned by LoRA",
}
METHOD: Mapping[str, str] = {"IV": "lora", "V": "houlsby", "VI": "zero-shot", "VII": "houlsby", "VIII": "lora"}
MODELS: Mapping[str, str] = {  # as registered -> as the tables name it
    "tinyllama": "TinyLlama",
    "phi-2": "phi-2",
    "opt-1.3b": "opt-1.3b",
    "mistral-7b": "Mistral-7B-v0.1",
}
DATASETS: Mapping[str, str] = {"dynahate": "DynaHate", "hateval": "HatEval"}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A cell as printed."""

    accuracy: str
    f1: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A row of Table IV or V: what it is called, its value for each model, and where a recipe of ours holds it."""

    name: str
    values: tuple[str, str, str]  # TinyLlama, phi-2, opt-1.3b
    ours: tuple[str, str] | None = None  # section and option


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A place where the text says one thing and a table another."""

    tables: tuple[str, ...]
    about: str
    text: str
    table: str


def _row(dyna_accuracy: str, dyna_f1: str, hat_accuracy: str, hat_f1: str) -> Mapping[str, Figures]:
    return {
        "dynahate": Figures(accuracy=dyna_accuracy, f1=dyna_f1),
        "hateval": Figures(accuracy=hat_accuracy, f1=hat_f1),
    }


RESULTS: Mapping[str, Mapping[str, Mapping[str, Figures]]] = {  # table -> model -> dataset
    "VI": {
        "tinyllama": _row("0.50", "0.61", "0.29", "0.24"),
        "phi-2": _row("0.52", "0.66", "0.47", "0.28"),
        "opt-1.3b": _row("0.53", "0.54", "0.45", "0.17"),
        "mistral-7b": _row("0.58", "0.52", "0.73", "0.16"),
    },
    "VII": {
        "tinyllama": _row("0.71", "0.75", "0.69", "0.70"),
        "phi-2": _row("0.70", "0.76", "0.72", "0.71"),
        "opt-1.3b": _row("0.71", "0.71", "0.72", "0.74"),
    },
    "VIII": {
        "tinyllama": _row("0.80", "0.81", "0.79", "0.77"),
        "phi-2": _row("0.80", "0.83", "0.79", "0.78"),
        "opt-1.3b": _row("0.82", "0.83", "0.80", "0.81"),
    },
}

LEARNING = "trainable weights"
TIME = "training time"
SETTINGS: Mapping[str, tuple[Setting, ...]] = {
    "IV": (
        Setting(name="epochs", values=("3", "3", "3"), ours=("train", "epochs")),
        Setting(name="layers", values=("k_proj, v_proj",) * 3, ours=("tuning", "layers")),
        Setting(name=LEARNING, values=("0.01 %", "0.02 %", "0.03 %")),
        Setting(name="alpha", values=("16", "16", "16"), ours=("tuning", "alpha")),
        Setting(name="r", values=("2", "2", "2"), ours=("tuning", "rank")),
        Setting(name="dropout", values=("0.05", "0.05", "0.05"), ours=("tuning", "dropout")),
        Setting(name="batch size", values=("8", "8", "8"), ours=("train", "batch_size")),
        Setting(name="weight decay", values=("0.001", "0.001", "0.001"), ours=("train", "weight_decay")),
        Setting(name=TIME, values=("1.05 h", "1.20 h", "1.10 h")),
    ),
    "V": (
        Setting(name="epochs", values=("5", "5", "5"), ours=("train", "epochs")),
        Setting(name=LEARNING, values=("0.05 %", "0.01 %", "0.03 %")),
        Setting(name="adapter layers added", values=("2", "2", "2"), ours=("tuning", "blocks")),
        Setting(name=TIME, values=("1.05 h", "1.31 h", "1.05 h")),
    ),
}

DISAGREEMENTS = (
    Disagreement(
        tables=("VI",),
        about="TinyLlama, HatEval, before tuning",
        text="accuracy 0.56, F1 0.36 where LoRA is discussed; 0.29 and 0.24 where the base models are",
        table="accuracy 0.29, F1 0.24",
    ),
    Disagreement(
        tables=("VI",),
        about="phi-2, HatEval, before tuning",
        text="accuracy 0.22, F1 0.24 where LoRA is discussed; 0.47 and 0.28 where the base models are",
        table="accuracy 0.47, F1 0.28",
    ),
    Disagreement(
        tables=("VI",),
        about="opt-1.3b, HatEval, before tuning",
        text="accuracy 0.47, F1 0.25 where LoRA is discussed; 0.45 and 0.17 where the base models are",
        table="accuracy 0.45, F1 0.17",
    ),
    Disagreement(
        tables=("VI",),
        about="Mistral-7B-v0.1 among the base models",
        text="the best of the four",
        table="the lowest F1 of the four on both datasets (0.52 and 0.16), with the highest accuracy",
    ),
    Disagreement(
        tables=("VI", "VII", "VIII"),
        about="the 7-billion model",
        text='"mixtral-7b" in the abstract, Mistral 7B in the experiments',
        table="Mistral-7B-v0.1",
    ),
    Disagreement(
        tables=("VI", "VII"),
        about="tuned tiny models against Mistral-7B",
        text="tuned models are better by a wide margin",
        table="on HatEval all three adapters have a lower accuracy (0.69, 0.72, 0.72) than Mistral-7B untuned (0.73)",
    ),
    Disagreement(
        tables=("VII",),
        about="opt-1.3b by adapters, HatEval",
        text="accuracy 0.71 on both datasets",
        table="accuracy 0.72",
    ),
    Disagreement(
        tables=("VII",),
        about="opt-1.3b by adapters against the others, HatEval",
        text="the higher accuracy",
        table="the same accuracy as phi-2 (0.72)",
    ),
    Disagreement(
        tables=("VII",),
        about="opt-1.3b against phi-2 and TinyLlama",
        text="better than both",
        table="by adapters on DynaHate the lowest F1 of the three (0.71 against 0.76 and 0.75)",
    ),
    Disagreement(
        tables=("VIII",),
        about="opt-1.3b by LoRA, HatEval",
        text="accuracy 0.77, F1 0.70",
        table="accuracy 0.80, F1 0.81",
    ),
    Disagreement(
        tables=("VIII",),
        about="all models by LoRA",
        text="over 80 % accuracy (abstract)",
        table="0.79, 0.79 and 0.80 on HatEval, 0.80, 0.80 and 0.82 on DynaHate",
    ),
    Disagreement(
        tables=("VIII",),
        about="opt-1.3b by LoRA against the others, DynaHate",
        text="an F1 better by 1 to 2 points",
        table="the same F1 as phi-2 (0.83), 2 points above TinyLlama",
    ),
    Disagreement(
        tables=("V",),
        about="epochs",
        text="3 for every method, then 5 for adapters and for both, then 5 for adapters and 3 for LoRA",
        table="3 for LoRA, 5 for adapters",
    ),
    Disagreement(
        tables=("IV", "V"),
        about="training time",
        text="among the values that are the same for all",
        table="1.05, 1.20 and 1.10 h by LoRA, 1.05, 1.31 and 1.05 h by adapters",
    ),
    Disagreement(
        tables=("V",),
        about="where the adapters stand",
        text="at two positions in every block, and also: k_proj and v_proj were changed by both methods",
        table="2 layers added, and shares of weights that no one width of two adapters a block gives for all three models",
    ),
    Disagreement(
        tables=("VI", "VII", "VIII"),
        about="rows of DynaHate",
        text="41,144, and 411,144 two sentences on",
        table="22,175 and 18,969 in Table III, which are 41,144",
    ),
)
TUNED, ALL = ("lora", "houlsby"), ("zero-shot", "lora", "houlsby")
UNSTATED: tuple[tuple[str, tuple[str, ...]], ...] = (  # what the paper does not say, and of which methods
    ("how rows were parted, and into shares of what size", ALL),
    ("seeds, and the number of runs", ALL),
    ("which F1 is printed, and from which score on a text counts as hate", ALL),
    ("the prompt, and how an answer was read from a base model", ("zero-shot",)),
    ("the head", TUNED),
    ("the learning rate and its course", TUNED),
    ("batch size and weight decay", ("houlsby",)),
    ("width, activation and start of the adapters", ("houlsby",)),
    ("the greatest length of a text", ALL),
    ("the precision (only that base models were not quantised)", ALL),
)
