"""A project template for software development."""
