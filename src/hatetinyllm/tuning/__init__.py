"""The ways to tune by name: each takes a net and says which of its weights learn."""

from hatetinyllm.registry import Table

TUNINGS = Table(
    "tuning",
    {
        "full": "hatetinyllm.tuning.full:apply",
        "head": "hatetinyllm.tuning.head:apply",
        "lora": "hatetinyllm.tuning.lora:apply",
    },
)
