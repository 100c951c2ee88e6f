"""The history of a place in words: who did what when, and which facts it touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exclusion_map.directory.selecting import LONDON
from exclusion_map.directory.tables import Change

_ACTIONS = {
    "added": "Added",
    "changed": "Changed",
    "confirmed": "Confirmed as still right",
    "removed": "Taken out",
    "restored": "Brought back",
}
_WORDS = {
    "name": "name",
    "kind": "kind of place",
    "description": "description",
    "provider": "provider",
    "address": "address",
    "city": "town",
    "postcode": "postcode",
    "latitude": "position",
    "longitude": "position",
    "area_code": "area",
    "placed_by": "how it was placed",
    "accessibility": "accessibility",
    "access_note": "note on access",
    "offers": "services",
    "as_of": "date of the list",
}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change as the page shows it."""

    at: datetime
    by: str
    action: str
    fields: Sequence[str]
    note: str


def history_view(changes: Sequence[Change]) -> list[ChangeView]:
    """Return changes in words, in their order."""
    return [
        ChangeView(
            change.at.astimezone(LONDON),
            change.by,
            _ACTIONS.get(change.action, change.action),
            _touched(change.before, change.after) if change.action == "changed" else (),
            change.note,
        )
        for change in changes
    ]


def _touched(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Sequence[str]:
    if before is None or after is None:
        return ()
    differ = [name for name in after if after.get(name) != before.get(name)]
    return list(dict.fromkeys(_WORDS.get(name, name) for name in differ))
