"""What servers set for themselves."""
