"""A model card: one list of blocks, written as Markdown or as a page."""
