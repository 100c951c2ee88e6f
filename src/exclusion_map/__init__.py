"""Exclusion Map: where people are at risk of digital exclusion, and what support is near them."""

from importlib.metadata import version

__version__ = version("exclusion-map")
