"""The metrics by name: each is a function of the truth (0 and 1, 1 the positive label) and the scores."""

from hatetinyllm.registry import Table

METRICS = Table(
    "metric",
    {
        "accuracy": "hatetinyllm.metrics.classification:accuracy",
        "auroc": "hatetinyllm.metrics.ranking:auroc",
        "f1_negative": "hatetinyllm.metrics.classification:f1_negative",
        "f1_positive": "hatetinyllm.metrics.classification:f1_positive",
        "macro_f1": "hatetinyllm.metrics.classification:macro_f1",
        "precision": "hatetinyllm.metrics.classification:precision",
        "recall": "hatetinyllm.metrics.classification:recall",
    },
)
