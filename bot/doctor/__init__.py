"""What `vakhta doctor` looks at, by what it is about."""
