"""The world in miniature."""
