"""Mailboxes looked through on time, each letter handed to the service once."""
