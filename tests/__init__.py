"""The tests: they mirror `bot/` and `cogs/`; `stories/` and `live/` play the whole."""
