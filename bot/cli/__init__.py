"""The command line's commands, one subject a file."""
