"""The commands. A cog reads the interaction, calls one thing in `bot`, and shows the answer."""
