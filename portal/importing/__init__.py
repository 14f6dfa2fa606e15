"""Bringing in what exists elsewhere: Markdown files, folders and zips, with a report of each."""
