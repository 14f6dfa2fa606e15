"""Brings in the Markdown files of folders, again and again."""
