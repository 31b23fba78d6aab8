"""Fine-tune tiny decoder-only language models to detect hate speech."""
