"""The jobs room: work that is done by itself."""
