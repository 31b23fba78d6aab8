"""The metrics by name: each is a function of the truth (0 and 1, 1 the positive label) and the scores."""

from hatetinyllm.registry import Table

METRICS = Table(
    "metric",
    {
        "accuracy": "hatetinyllm.metrics.classification:accuracy",
        "auprc": "hatetinyllm.metrics.ranking:auprc",
        "aurc": "hatetinyllm.metrics.selective:aurc",
        "auroc": "hatetinyllm.metrics.ranking:auroc",
        "balanced_accuracy": "hatetinyllm.metrics.classification:balanced_accuracy",
        "brier": "hatetinyllm.metrics.calibration:brier",
        "ece_pos": "hatetinyllm.metrics.calibration:ece_pos",
        "ece_pos_adaptive": "hatetinyllm.metrics.calibration:ece_pos_adaptive",
        "f1_negative": "hatetinyllm.metrics.classification:f1_negative",
        "f1_positive": "hatetinyllm.metrics.classification:f1_positive",
        "fnr": "hatetinyllm.metrics.classification:fnr",
        "fpr": "hatetinyllm.metrics.classification:fpr",
        "fpr_at_tpr_90": "hatetinyllm.metrics.ranking:fpr_at_tpr_90",
        "fpr_at_tpr_95": "hatetinyllm.metrics.ranking:fpr_at_tpr_95",
        "macro_f1": "hatetinyllm.metrics.classification:macro_f1",
        "mcc": "hatetinyllm.metrics.classification:mcc",
        "nll": "hatetinyllm.metrics.calibration:nll",
        "precision": "hatetinyllm.metrics.classification:precision",
        "recall": "hatetinyllm.metrics.classification:recall",
        "tpr_at_fpr_01": "hatetinyllm.metrics.ranking:tpr_at_fpr_01",
        "tpr_at_fpr_05": "hatetinyllm.metrics.ranking:tpr_at_fpr_05",
        "weighted_f1": "hatetinyllm.metrics.classification:weighted_f1",
    },
)
