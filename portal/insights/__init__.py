"""The insights room: figures."""
