"""The models by name, each file with a `CARD` among them."""

from hatetinyllm.registry import Table

MODELS = Table(
    "model",
    {
        "builtin": "hatetinyllm.models.builtin:load",
        "hub": "hatetinyllm.models.hub:load",
        "scratch": "hatetinyllm.models.scratch:load",
        "tinyllama": "hatetinyllm.models.tinyllama:load",
        "tinyllama-3t": "hatetinyllm.models.tinyllama_3t:load",
        "phi-2": "hatetinyllm.models.phi_2:load",
        "opt-1.3b": "hatetinyllm.models.opt_1_3b:load",
        "opt-125m": "hatetinyllm.models.opt_125m:load",
        "mistral-7b": "hatetinyllm.models.mistral_7b:load",
        "smollm2-135m": "hatetinyllm.models.smollm2_135m:load",
        "smollm2-360m": "hatetinyllm.models.smollm2_360m:load",
        "smollm2-1.7b": "hatetinyllm.models.smollm2_1_7b:load",
        "qwen3-0.6b": "hatetinyllm.models.qwen3_0_6b:load",
        "llama-3.2-1b": "hatetinyllm.models.llama_3_2_1b:load",
        "gemma-3-270m": "hatetinyllm.models.gemma_3_270m:load",
        "gemma-3-1b": "hatetinyllm.models.gemma_3_1b:load",
        "pythia-70m": "hatetinyllm.models.pythia_70m:load",
        "pythia-160m": "hatetinyllm.models.pythia_160m:load",
        "pythia-410m": "hatetinyllm.models.pythia_410m:load",
        "pythia-1b": "hatetinyllm.models.pythia_1b:load",
    },
)

READOUTS = Table(
    "readout",
    {
        "head": "hatetinyllm.models.head:apply",
        "label-words": "hatetinyllm.models.label_words:apply",
        "stored": "hatetinyllm.models.stored:apply",
    },
)
