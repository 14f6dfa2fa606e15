"""Measurements: each program prints a table of figures beside their targets (``make bench``)."""
