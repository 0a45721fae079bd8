"""The community: what members make of each other's videos."""
