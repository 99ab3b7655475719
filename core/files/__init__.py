"""Files: what happens in the watched folders, and its history."""
