"""The rest room."""
