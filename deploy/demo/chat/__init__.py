"""The chat page: a messenger in the browser, on top of the miniature Telegram."""
