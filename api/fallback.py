"""What is said, and remembered, when the current edition cannot be served."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from exclusion_map.editions.store import current_id
from exclusion_map.editions.verify import Stamp
from exclusion_map.errors import EditionError

TRY_AGAIN_S = 600.0
"""Seconds after which a refused edition is tried again though none of its files changed."""


@dataclass(frozen=True)
class Notice:
    """That another edition is served than the current one.

    Attributes:
        serving: id of the edition that is served.
        wanted: id of the current one; None where the pointer to it cannot be read.
        fault: why that one is not served.
    """

    serving: str
    wanted: str | None
    fault: EditionError


@dataclass
class Refused:
    """Editions that could not be opened: not tried again until one of their files changes."""

    _known: dict[str, tuple[Stamp, float, EditionError]] = field(default_factory=dict)

    def add(self, edition_id: str, stamp: Stamp, fault: EditionError) -> None:
        """Remember that an edition was refused, as its files were then."""
        self._known[edition_id] = (stamp, time.monotonic(), fault)

    def why(self, edition_id: str, stamp: Stamp) -> EditionError | None:
        """Return why an edition was refused; None if it is worth another try."""
        seen, when, fault = self._known.get(edition_id, (None, 0.0, None))
        recent = time.monotonic() - when < TRY_AGAIN_S
        return fault if seen == stamp and recent else None


def lost_id(processed_dir: Path) -> str | None:
    """Return the id of the edition that should be served; None where it cannot be read."""
    try:
        return current_id(processed_dir)
    except (EditionError, OSError):
        return None
