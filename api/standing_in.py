"""What stands in for the directory in an answer, while its database does not answer.

Whoever hands out places notes it here; the first layer of the service puts it on the answer as a
header, pages tell it in words. A note is of one request, whichever of its threads wrote it.
"""

from contextvars import ContextVar
from typing import Annotated, Final, Literal

from pydantic import Field

HEADER: Final = b"exclusion-map-directory"
"""Header of answers whose places are not those of the directory as it is now."""

StandIn = Literal["remembered", "edition"]
"""Places as they were read last; or those of the published lists, for they were never read."""

WORDS: Final[dict[StandIn, str]] = {
    "remembered": "The database of places does not answer now: places are as they were last read. "
    "Corrections of details, staffed hours and computers may be missing.",
    "edition": "The database of places cannot be opened now: places are those of published lists, "
    "without what people added, corrected or took out, staffed hours and computers.",
}

Notice = Annotated[
    str | None,
    Field(
        description="Present only while the directory's database does not answer and its places, "
        "or their details, are served from elsewhere: says what is missing."
    ),
]
"""The field by which a JSON answer tells it."""

_NOTES: ContextVar[list[StandIn] | None] = ContextVar("standing_in", default=None)


def begin() -> list[StandIn]:
    """Return the notes of a request that begins, still empty."""
    notes: list[StandIn] = []
    _NOTES.set(notes)
    return notes


def note(what: StandIn) -> None:
    """Note that places of the answer under way stand in for the directory."""
    notes = _NOTES.get()
    if notes is not None:
        notes.append(what)


def words() -> str:
    """Return what the answer under way has to say of its places; empty where all is well."""
    notes = _NOTES.get()
    return WORDS[notes[-1]] if notes else ""
