"""Letters in the chat: what came and what it did, and a card for each that a person must place."""
