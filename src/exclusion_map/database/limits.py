"""How long a database is waited for, and by which name."""

from dataclasses import dataclass

from exclusion_map.settings import DatabaseSettings

APPLICATION = "exclusion-map"
"""Name by which a server lists our connections."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited.

    Attributes:
        connect_s: for a server to let us in, and for a place in the pool; whole seconds.
        statement_s: for one statement; None for as long as it takes.
    """

    connect_s: int = 5
    statement_s: float | None = 15.0

    @classmethod
    def of(cls, settings: DatabaseSettings) -> "Limits":
        """Return the limits that settings ask for."""
        return cls(settings.database_connect_timeout_s, settings.database_statement_timeout_s)

    @property
    def patient(self) -> "Limits":
        """The same for migrations, loads and backups, which take as long as they take."""
        return Limits(self.connect_s, None)
