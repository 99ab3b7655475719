"""The demo beside the assistant: its data folder, its visitor, and the world's buttons in the visitor's Telegram."""
