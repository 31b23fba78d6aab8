"""The models by name."""

from hatetinyllm.registry import Table

MODELS = Table(
    "model",
    {
        "hub": "hatetinyllm.models.hub:load",
        "scratch": "hatetinyllm.models.scratch:load",
    },
)
