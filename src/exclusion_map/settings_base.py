"""Where every setting is read from."""

from pydantic_settings import SettingsConfigDict


def config() -> SettingsConfigDict:
    """Return what all settings share: ``EXCLUSION_MAP_*`` in the environment, and no change."""
    return SettingsConfigDict(
        env_prefix="EXCLUSION_MAP_", extra="ignore", frozen=True, env_ignore_empty=True
    )
