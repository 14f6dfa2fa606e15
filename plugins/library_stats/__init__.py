"""Numbers about the library for the command line."""
