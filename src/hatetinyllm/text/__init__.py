"""How a text is read, in training and for verdicts: the one normalisation and the one encoding."""
