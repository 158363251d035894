"""The server: accepts batches exactly once, keeps tallies, shows every unit's index."""
