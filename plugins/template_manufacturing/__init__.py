"""A project template for a new manufactured product."""
