"""A project template for rolling out project-management software."""
