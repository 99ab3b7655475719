"""Letters in a folder of an IMAP server, read only."""
