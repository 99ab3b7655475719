"""What people touch: the chat, the read-only page and the command line."""
