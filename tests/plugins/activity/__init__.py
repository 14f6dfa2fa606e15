"""The bundled plugin activity."""
