"""How notices and replies reach Telegram."""
