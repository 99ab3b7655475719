"""Letters in a folder of this machine: a maildir, or plain `.eml` files."""
