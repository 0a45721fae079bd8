"""Discord's side: the bot class, cards, posting and finding messages, commands, errors."""
