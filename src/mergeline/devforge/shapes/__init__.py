"""GitHub's JSON, one file a kind, with every field that its OpenAPI description requires."""
