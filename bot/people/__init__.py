"""People in the chat: greeting, access, settings."""
