"""The history of a place in words: who did what when, and what it said before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exclusion_map.directory.differences import Difference, differences
from exclusion_map.directory.listing import Listing
from exclusion_map.directory.selecting import LONDON
from exclusion_map.directory.tables import Change

ACTIONS = {
    "added": "Added",
    "changed": "Changed",
    "confirmed": "Confirmed as still right",
    "removed": "Taken out",
    "restored": "Brought back",
}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change as the page shows it.

    Attributes:
        at: in London's time.
        by: who did it.
        action: what, in words.
        fields: what it touched, each once.
        found: what differs, in words.
        note: why.
        version: that it led to.
    """

    at: datetime
    by: str
    action: str
    fields: Sequence[str]
    found: Sequence[Difference]
    note: str
    version: int


def history_view(changes: Sequence[Change]) -> list[ChangeView]:
    """Return changes in words, in their order."""
    return [_change(change) for change in changes]


def _change(change: Change) -> ChangeView:
    found = _found(change.before, change.after) if change.action == "changed" else []
    return ChangeView(
        change.at.astimezone(LONDON),
        change.by,
        ACTIONS.get(change.action, change.action),
        list(dict.fromkeys(_label(one) for one in found)),
        found,
        change.note,
        change.version,
    )


def _label(one: Difference) -> str:
    label = one.label[0].lower() + one.label[1:]
    return f"{label} ({one.service})" if one.service else label


def _found(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Difference]:
    if before is None or after is None:
        return []
    return differences(Listing.model_validate(before), Listing.model_validate(after))
