"""How the assistant is put to work, and the world in miniature it can be tried in."""
