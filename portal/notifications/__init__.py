"""The notifications room: messages to people."""
