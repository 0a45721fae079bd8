"""Jobs: states, store, request desk."""
