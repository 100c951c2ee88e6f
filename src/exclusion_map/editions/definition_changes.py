"""What differs between two definitions of an index, in lines a person can read."""

from collections.abc import Iterator, Mapping
from typing import Any

from exclusion_map.index import Definition

_WORDS = (
    *("id", "version", "title", "summary", "cautions", "evidence", "sources"),
    *("nhs_group", "response"),
)
"""Fields that explain and do not compute."""


def definition_changes(old: Definition, new: Definition) -> tuple[str, ...]:
    """Return every difference that can change a score: ``"age > aged_75_plus, weight: 1 to 2"``.

    Groups and indicators are matched by id, so their order does not matter.
    """
    before, after = (dict(_fields(one.model_dump(mode="json"), "index")) for one in (old, new))
    places = list(dict.fromkeys([*before, *after]))
    return tuple(
        f"{place}: {_shown(before, place)} to {_shown(after, place)}"
        for place in places
        if before.get(place, _ABSENT) != after.get(place, _ABSENT)
    )


_ABSENT = "absent"


def _shown(fields: Mapping[str, Any], place: str) -> str:
    return str(fields.get(place, _ABSENT))


def _fields(data: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if name == "children":
            for child in value:
                yield from _fields(child, f"{path} > {child['id']}")
        elif name not in _WORDS:
            yield f"{path}, {name}", value
