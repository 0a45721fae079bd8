"""The tracker on a stand-in RunComfy and a notice board in memory."""
