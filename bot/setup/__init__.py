"""From nothing to a running bot: what `vakhta setup` asks, tries and writes."""
