"""One folder per language: all that the linter needs to know of it."""
