"""The watched folders: looking, comparing, recording."""
