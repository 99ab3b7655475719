"""Health: what every job is doing, and which sources are down."""
