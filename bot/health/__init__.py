"""How the assistant is doing, in the chat."""
