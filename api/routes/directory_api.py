"""The directory as programs change it: with an API token, one listing a request."""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request
from starlette.responses import Response

from api.accounts.guard import Contributor
from api.accounts.limits import limited
from api.dependencies import NoParameters, OpenService
from api.directory_bodies import (
    LONGEST_NOTE,
    ChangeAnswer,
    HeldAnswer,
    HistoryAnswer,
    ListingBody,
    NoteBody,
    WaitingAnswer,
    answer_json,
    waiting,
    well,
)
from api.editing import Desk, new_form
from api.errors import PreconditionFailedError, PreconditionRequiredError, responses
from exclusion_map.directory.differences import differences
from exclusion_map.directory.editing import Edit
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.store import expect_version
from exclusion_map.directory.tables import Change
from exclusion_map.errors import ConflictError, InvalidRequestError

_VERSION: Final = re.compile(r'"?([1-9][0-9]{0,8})"?')

Limited = Depends(limited("changes by programs", per_client=600, window_s=60))
router = APIRouter(prefix="/api/v1", tags=["directory"], dependencies=[Limited])
Identity = Annotated[str, Path(max_length=36, examples=["6f9619ff-8b86-5d01-b42d-00c04fc964ff"])]


def version_asked(
    if_match: Annotated[
        str | None,
        Header(description='Version that you read, such as "3"; the ETag of this address.'),
    ] = None,
) -> int:
    """Return the version that a change is meant for.

    Raises:
        PreconditionRequiredError: none is sent.
        InvalidRequestError: it is no version.
    """
    if if_match is None or if_match.strip() == "*":
        raise PreconditionRequiredError(
            "If-Match",
            found="no version in If-Match",
            expected='the version of the listing, such as If-Match: "3"',
            mend="Read /api/v1/support/{id}/listing first; its ETag is the version.",
        )
    found = _VERSION.fullmatch(if_match.strip().removeprefix("W/"))
    if found is None:
        raise InvalidRequestError("If-Match", found=repr(if_match[:40]), expected='such as "3"')
    return int(found[1])


Version = Annotated[int, Depends(version_asked)]
_WAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": WaitingAnswer, "description": "It waits for a moderator."}
}
WRITES = responses(401, 403, 422, 429, 503)


@router.get(
    "/support/{identity}/listing",
    summary="A listing in the form in which it can be sent back",
    response_model=HeldAnswer,
    responses=responses(404, 422, 503),
    dependencies=[NoParameters],
)
def read_listing(request: Request, service: OpenService, identity: Identity) -> Response:
    """The complete listing with its version, which is also the ETag of the response."""
    return _answer(Desk.of(request, service).directory.get(identity))


@router.post(
    "/support",
    summary="Add a place",
    status_code=201,
    response_model=HeldAnswer,
    responses={**_WAITS, **WRITES},
    dependencies=[NoParameters],
)
def add_listing(
    request: Request, service: OpenService, person: Contributor, body: ListingBody
) -> Response:
    """Add a place with its services. The service assigns the ids."""
    desk = Desk.of(request, service, person)
    done = desk.add(new_form(), _edit(desk, body, None))
    return _done(done, 201)


@router.put(
    "/support/{identity}",
    summary="Change a place",
    description="The listing replaces the existing one completely. If-Match must name the "
    "version you read: 412 means that somebody changed it since, 428 that the "
    "header is missing.",
    response_model=HeldAnswer,
    responses={**_WAITS, **WRITES, **responses(404, 412, 428)},
    dependencies=[NoParameters],
)
def change_listing(
    request: Request,
    service: OpenService,
    person: Contributor,
    identity: Identity,
    version: Version,
    body: ListingBody,
) -> Response:
    """Change a place that is still at the version that was read."""
    desk = Desk.of(request, service, person)
    held = desk.directory.get(identity)
    try:
        expect_version(held, version)
        done = desk.change(identity, version, _edit(desk, body, held.listing))
    except ConflictError as error:
        raise PreconditionFailedError.of(error) from None
    return _done(done)


@router.delete(
    "/support/{identity}",
    summary="Remove a place",
    description="It stays in the database with its history, and a moderator can restore it.",
    status_code=204,
    response_class=Response,
    responses={**_WAITS, **WRITES, **responses(404, 412, 428)},
)
def remove_listing(
    request: Request,
    service: OpenService,
    person: Contributor,
    identity: Identity,
    version: Version,
    note: Annotated[
        str, Query(max_length=LONGEST_NOTE, description="Reason for the history.")
    ] = "",
) -> Response:
    """Take a place out that is still at the version that was read."""
    desk = Desk.of(request, service, person)
    try:
        asked = desk.take_out(identity, version, note)
    except ConflictError as error:
        raise PreconditionFailedError.of(error) from None
    return waiting(asked) if asked else Response(status_code=204)


@router.post(
    "/support/{identity}/confirm",
    summary="Confirm that a place is correct, checked today",
    response_model=HeldAnswer,
    responses={**WRITES, **responses(404)},
    dependencies=[NoParameters],
)
def confirm_listing(
    request: Request,
    service: OpenService,
    person: Contributor,
    identity: Identity,
    body: Annotated[NoteBody | None, Body()] = None,
) -> Response:
    """Record that you checked the entry today and found it correct."""
    desk = Desk.of(request, service, person)
    held = desk.directory.confirm(identity, by=desk.by, note=body.note if body else "")
    desk.shown()
    return _answer(held)


@router.get(
    "/support/{identity}/history",
    summary="Who changed a place, when, and what",
    response_model=HistoryAnswer,
    responses=responses(404, 422, 503),
    dependencies=[NoParameters],
)
def listing_history(request: Request, service: OpenService, identity: Identity) -> Response:
    """The changes of a place, newest first; also of a place that was removed."""
    desk = Desk.of(request, service)
    desk.directory.get(identity, deleted=True)
    changes = [_change(change) for change in desk.directory.history(identity)]
    return answer_json(HistoryAnswer(id=identity, changes=changes))


def _edit(desk: Desk, body: ListingBody, before: Listing | None) -> Edit:
    listing = well(body.listing, before)
    return Edit(listing=listing, by=desk.by, note=body.note, checked=body.checked)


def _done(done: Held | str, status: int = 200) -> Response:
    if isinstance(done, str):
        return waiting(done)
    answer = _answer(done, status)
    if status == 201:
        answer.headers["Location"] = f"/api/v1/support/{done.id}"
    return answer


def _answer(held: Held, status: int = 200) -> Response:
    told = HeldAnswer(
        **held.model_dump(exclude={"listing", "deleted_at"}),
        listing=held.listing,
        page=f"/support/{held.id}",
    )
    headers = {"ETag": f'"{held.version}"', "Cache-Control": "no-cache"}
    return answer_json(told, headers, status)


def _change(change: Change) -> ChangeAnswer:
    before, after = (
        Listing.model_validate(one) if one else Listing(name="?")
        for one in (change.before, change.after)
    )
    found = differences(before, after) if change.action == "changed" else []
    return ChangeAnswer(
        version=change.version,
        at=change.at,
        by=change.by,
        action=change.action,
        note=change.note,
        changed=[
            {"key": one.key, "label": one.label, "before": one.before, "after": one.after}
            for one in found
        ],
    )
