"""Jobs: one request of a member, from accepted to ended."""
