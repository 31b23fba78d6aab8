"""Learning a language from text alone: a vocabulary, a stream of tokens, and the loop that foretells the next one."""
