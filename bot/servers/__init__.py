"""Servers: what each community has set for itself."""
