"""The statistics plugin."""
