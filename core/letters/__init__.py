"""Letters: what a contractor's mail says about which request."""
