"""Cards on the home page about the library."""
