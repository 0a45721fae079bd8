"""What several rooms of tests share: clocks, stores, jobs, and the other side of every wire."""
