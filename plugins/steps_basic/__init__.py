"""The basic kinds of workflow step."""
