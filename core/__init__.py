"""What the assistant knows: the rules and rows of a watch. No Telegram, no network, no files but its database."""
