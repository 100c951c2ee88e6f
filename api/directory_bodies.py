"""What programs send to the directory's API and get from it."""

import json
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import JSON
from exclusion_map.directory.checking import faults, with_known_ids
from exclusion_map.directory.listing import Listing
from exclusion_map.directory.suggestions import LONGEST_MESSAGE, About, State
from exclusion_map.errors import InvalidRequestError

LONGEST_NOTE: Final = 300


class Sent(BaseModel):
    """What every body shares: nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ListingBody(Sent):
    """A place with its services, and the reason for the change."""

    listing: Listing
    note: str = Field("", max_length=LONGEST_NOTE, description="Note for the history.")
    checked: bool = Field(False, description="Whether the whole entry was verified today.")


class NoteBody(Sent):
    """Reason for a change."""

    note: str = Field("", max_length=LONGEST_NOTE, description="Note for the history.")


class SuggestionBody(Sent):
    """What is wrong or missing, in words or as a complete listing."""

    about: About = About.CORRECTION
    listing_id: str | None = Field(None, max_length=36)
    message: str = Field("", max_length=LONGEST_MESSAGE)
    proposed: Listing | None = None


class DecisionBody(Sent):
    """Decision of a moderator."""

    decision: Literal["accept", "decline", "spam", "reopen"]
    reason: str = Field("", max_length=LONGEST_NOTE)


class HeldAnswer(BaseModel):
    """A stored listing with its version."""

    id: str
    version: int = Field(description="Send it as If-Match to change what you read.")
    listing: Listing
    source: str
    source_key: str | None
    confirmed_at: datetime | None
    confirmed_by: str
    created_at: datetime
    updated_at: datetime
    page: str


class WaitingAnswer(BaseModel):
    """A suggestion, or a change that waits for a moderator."""

    suggestion: str
    state: State


class ChangeAnswer(BaseModel):
    """A change of a listing."""

    version: int
    at: datetime
    by: str
    action: str
    note: str
    changed: list[dict[str, str]]


class HistoryAnswer(BaseModel):
    """The changes of a listing, the newest first."""

    id: str
    changes: list[ChangeAnswer]


class SuggestionAnswer(BaseModel):
    """A suggestion as moderators see it."""

    id: str
    state: State
    about: About
    created_at: datetime
    listing_id: str | None
    base_version: int | None
    message: str
    proposed: Listing | None
    account: str
    decided_at: datetime | None


class SuggestionsAnswer(BaseModel):
    """Suggestions in one state."""

    counts: dict[State, int]
    page: int
    suggestions: list[SuggestionAnswer]


def well(listing: Listing, before: Listing | None) -> Listing:
    """Return a listing that may be held.

    Raises:
        InvalidRequestError: a field is wrong; each is told.
    """
    known = with_known_ids(listing, before)
    found = faults(known, before)
    if found:
        raise InvalidRequestError(
            f"listing.{found[0].path}",
            found="; ".join(f"listing.{one.path}: {one.message}" for one in found[:10]),
            expected="a listing without these errors",
        )
    return known


def answer_json(
    model: BaseModel, headers: dict[str, str] | None = None, status: int = 200
) -> Response:
    """Return a model as the body of an answer."""
    body = json.dumps(model.model_dump(mode="json"), ensure_ascii=False)
    return Response(body, status, headers or {"Cache-Control": "no-cache"}, JSON)


def waiting(identity: str) -> Response:
    """Return what tells that something waits for a moderator."""
    return answer_json(WaitingAnswer(suggestion=identity, state=State.WAITING), status=202)
