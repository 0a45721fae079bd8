"""The ledger and its audit."""
