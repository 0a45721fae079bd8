"""Discord in trouble, and the whole bot with it: the real one in this process, over real sockets."""
