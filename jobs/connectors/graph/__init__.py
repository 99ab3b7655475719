"""Letters in a mailbox of Microsoft 365, through Microsoft Graph."""
