"""The store's history, one step a file; `bot.migrate` runs what a store has not seen yet."""
