"""Palettes, classes and maps."""
