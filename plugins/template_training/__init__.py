"""A project template for a training event."""
