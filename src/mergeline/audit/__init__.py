"""Who let which release into which environment, when, and what it was made of."""
