"""Credits: the ledger, and what limits a request."""
