"""Foreign systems, one folder each; none knows another."""
