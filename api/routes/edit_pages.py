"""The pages that change the directory: add, edit, confirm, take out, bring back, put back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Contributor, Moderator
from api.dependencies import OpenService
from api.editing import Desk
from api.pages.edit_checklist import CheckQuestion, checklist
from api.pages.edit_flow import Flow, blank_flow, opened_flow
from api.pages.edit_typed import Typed, read_kept, read_typed
from api.pages.templating import render
from exclusion_map.directory.editing import put_back
from exclusion_map.directory.suggestions import State
from exclusion_map.directory.tables import Suggestion
from exclusion_map.errors import InvalidRequestError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Sent = Annotated[Typed, Depends(read_typed)]
Kept = Annotated[Typed, Depends(read_kept)]
"""Before the person: what was typed is then at hand where that person turns out signed out."""
LONGEST_REASON = 300


@router.get("/support/add")
def add_form(
    request: Request, service: OpenService, person: Contributor, suggestion: str = ""
) -> Response:
    """Which place is missing?"""
    desk = Desk.of(request, service, person)
    flow = blank_flow(desk, answered(desk, suggestion))
    return flow.page(flow.typed)


@router.post("/support/add")
def add(request: Request, service: OpenService, typed: Kept, person: Contributor) -> Response:
    """Take a step in adding a place."""
    desk = Desk.of(request, service, person)
    return Flow(desk, typed, None, answered(desk, typed.one("suggestion"))).step()


@router.get("/support/check")
def check(
    request: Request,
    service: OpenService,
    person: Contributor,
    asked: Annotated[CheckQuestion, Query()],
) -> Response:
    """Which entries has nobody made sure of for a year?"""
    desk = Desk.of(request, service, person)
    return render(request, "pages/edit_check.html", checklist(desk, asked))


@router.get("/support/{identity}/edit")
def edit_form(
    request: Request,
    service: OpenService,
    person: Contributor,
    identity: str,
    suggestion: str = "",
) -> Response:
    """What is wrong about this place, and what is right?"""
    desk = Desk.of(request, service, person)
    flow = opened_flow(desk, desk.directory.get(identity), answered(desk, suggestion))
    return flow.page(flow.typed)


@router.post("/support/{identity}/edit")
def edit(
    request: Request, service: OpenService, typed: Kept, person: Contributor, identity: str
) -> Response:
    """Take a step in editing a place."""
    desk = Desk.of(request, service, person)
    held = desk.directory.get(identity)
    return Flow(desk, typed, held, answered(desk, typed.one("suggestion"))).step()


@router.post("/support/{identity}/confirm")
def confirm(
    request: Request, service: OpenService, person: Contributor, identity: str, typed: Sent
) -> Response:
    """Note that a place is still as it says, checked today."""
    desk = Desk.of(request, service, person)
    desk.directory.confirm(identity, by=desk.by)
    desk.shown()
    if typed.one("next") == "check":
        return RedirectResponse(f"/support/check?{typed.one('query')[:300]}#list", 303)
    return _to(identity, "confirmed")


@router.get("/support/{identity}/remove")
def remove_form(
    request: Request, service: OpenService, person: Contributor, identity: str
) -> Response:
    """Why does this place have to go?"""
    desk = Desk.of(request, service, person)
    return _remove_page(desk, identity, {})


@router.post("/support/{identity}/remove")
def remove(
    request: Request, service: OpenService, person: Contributor, identity: str, typed: Sent
) -> Response:
    """Take a place out; it can be brought back."""
    desk = Desk.of(request, service, person)
    reason = typed.one("reason").strip()
    if not reason or len(reason) > LONGEST_REASON:
        told = f"Say why, in at most {LONGEST_REASON} characters"
        return _remove_page(desk, identity, {"reason": told}, typed, status=422)
    if desk.take_out(identity, version_of(typed), reason):
        return RedirectResponse("/support/suggested", 303)
    return RedirectResponse(f"/support/{identity}/history?said=removed", 303)


@router.post("/support/{identity}/restore")
def restore(request: Request, service: OpenService, person: Moderator, identity: str) -> Response:
    """Bring a place back that was taken out."""
    desk = Desk.of(request, service, person)
    desk.directory.restore(identity, by=desk.by)
    desk.shown()
    return _to(identity, "restored")


@router.post("/support/{identity}/put-back")
def put_version_back(
    request: Request, service: OpenService, person: Moderator, identity: str, typed: Sent
) -> Response:
    """Make a place what it was at an earlier version."""
    desk = Desk.of(request, service, person)
    wanted = version_of(typed, "to")
    database = desk.directory.database
    put_back(database, identity, wanted, version=version_of(typed), by=desk.by)
    desk.shown()
    return _to(identity, "put-back")


def answered(desk: Desk, identity: str) -> Suggestion | None:
    """Return the suggestion that a moderator answers with an edit; None where nobody does."""
    if not identity or not desk.moderates:
        return None
    found = desk.suggestions.get(identity)
    return found if found.state == State.WAITING else None


def version_of(typed: Typed, name: str = "version") -> int:
    """Return a version that a form sends.

    Raises:
        InvalidRequestError: it sends none.
    """
    said = typed.one(name)
    if not said.isdecimal() or len(said) > 9:
        raise InvalidRequestError(name, found=repr(said[:20]), expected="the version that was seen")
    return int(said)


def _remove_page(
    desk: Desk,
    identity: str,
    errors: dict[str, str],
    typed: Typed | None = None,
    *,
    status: int = 200,
) -> Response:
    held = desk.directory.get(identity)
    context: dict[str, Any] = {
        "held": held,
        "errors": errors,
        "reason": typed.one("reason") if typed else "",
        "version": typed.one("version") if typed else held.version,
        "waits": desk.waits,
        "longest": LONGEST_REASON,
    }
    return render(desk.request, "pages/edit_remove.html", context, status=status)


def _to(identity: str, said: str) -> RedirectResponse:
    return RedirectResponse(f"/support/{identity}?said={said}", 303)
