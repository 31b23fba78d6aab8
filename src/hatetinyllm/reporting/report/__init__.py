"""A report: judgements on one page that loads nothing and runs nothing."""
