"""What runs or judges many things: zero-shot baselines, and the paper's tables."""
