"""A stand-in RunComfy, and runs of the whole bot without any token."""
