"""The feedback room."""
