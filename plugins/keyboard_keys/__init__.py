"""Keyboard keys in Markdown."""
