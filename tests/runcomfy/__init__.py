"""RunComfy's client and its stand-in."""
