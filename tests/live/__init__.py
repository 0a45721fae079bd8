"""The real process against loopback servers, by settings alone."""
