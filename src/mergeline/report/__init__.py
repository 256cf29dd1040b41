"""Everything that people and programs read: text, JSON, annotations, Markdown, HTML."""
