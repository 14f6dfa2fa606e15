"""Reads CSV files that another system puts into a folder."""
