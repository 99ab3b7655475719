"""The read-only web page. Its database connection cannot write, and it imports no service."""
