"""The ways to tune by name: each takes a net and says which of its weights learn."""

from hatetinyllm.registry import Table

TUNINGS = Table(
    "tuning",
    {
        "bitfit": "hatetinyllm.tuning.bitfit:apply",
        "dora": "hatetinyllm.tuning.dora:apply",
        "full": "hatetinyllm.tuning.full:apply",
        "head": "hatetinyllm.tuning.head:apply",
        "houlsby": "hatetinyllm.tuning.houlsby:apply",
        "ia3": "hatetinyllm.tuning.ia3:apply",
        "lora": "hatetinyllm.tuning.lora:apply",
        "pfeiffer": "hatetinyllm.tuning.pfeiffer:apply",
        "prefix": "hatetinyllm.tuning.prefix:apply",
        "qlora": "hatetinyllm.tuning.qlora:apply",
    },
)
