"""Requests in the chat: the card, lists, the form, comments by reply."""
