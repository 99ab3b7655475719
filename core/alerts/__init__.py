"""Alerts: notices and the chats they go to, the outbox the courier empties, live cards, one sender."""
