"""Results as people read them: tables in Markdown, and on a page that needs nothing else. Knows no model and no dataset."""
