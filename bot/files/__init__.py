"""Files in the chat: bursts told, the history searched."""
