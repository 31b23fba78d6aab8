"""From texts to verdicts, by a bundle: nothing of training is needed here."""
