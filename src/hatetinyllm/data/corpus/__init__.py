"""Text to pretrain on: files and datasets as one stream of clean documents, free of kin of what is judged."""
