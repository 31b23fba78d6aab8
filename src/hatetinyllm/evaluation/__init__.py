"""Judge probabilities against labels: what made them is not known here."""
