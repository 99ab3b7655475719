"""The outside world in miniature: a strict Bot API server with a chat page, a mailbox and a shared folder."""
