"""What people see of RunComfy's and the store's faults, and what the books say: see `docs/reliability.md`."""
