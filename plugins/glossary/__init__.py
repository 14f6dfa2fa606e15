"""Explanations of terms."""
