"""The workflow room."""
