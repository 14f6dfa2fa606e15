"""The portal in a real browser: accessible, narrow, quiet, quick to load, safe."""
