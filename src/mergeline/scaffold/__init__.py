"""New repositories of models, and new models in them."""
