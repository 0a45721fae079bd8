"""The real process, killed again and again; what people and RunComfy saw is compared with the books."""
