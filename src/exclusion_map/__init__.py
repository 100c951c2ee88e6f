"""Exclusion Map: where people are at risk of digital exclusion, and what support is near them."""

__version__: str


def __getattr__(name: str) -> str:
    """Read the version when it is asked for: what reads it takes longer to import than the rest."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    globals()[name] = version("exclusion-map")
    return str(globals()[name])
