"""Letters in a mailbox of Exchange, over Exchange Web Services (EWS)."""
