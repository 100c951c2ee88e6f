"""What is taken, as the process that reads an upload is told it: it loads no settings itself."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from exclusion_map.settings import UploadSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one upload; `exclusion_map.settings.UploadSettings` says what each means."""

    max_bytes: int
    max_unpacked_bytes: int
    max_entries: int
    max_features: int
    max_corners: int
    max_rows: int
    max_columns: int
    max_cell: int
    seconds: float
    memory_mb: int

    @classmethod
    def of(cls, settings: "UploadSettings | None") -> Self:
        """Return the limits that settings set; those of the environment where there are none."""
        if settings is None:
            from exclusion_map.settings import UploadSettings, read  # Not needed by the reader.

            settings = read(UploadSettings)
        return cls(**{one.name: getattr(settings, f"upload_{one.name}") for one in fields(cls)})
