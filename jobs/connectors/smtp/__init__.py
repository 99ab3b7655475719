"""Letters sent through an SMTP server."""
