"""Teams of readiness: who belongs to an assessment, and links with which others join."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Checked, Myself, person_of
from api.accounts.limits import limited
from api.accounts.links import CANNOT_BE_USED, NO_PATH, Pasted, opening, secret_in
from api.accounts.people_pages import link_base
from api.accounts.words import fault_of
from api.pages import readiness as views
from api.pages.templating import render
from api.readiness import Desk, Identity
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.readiness.models import Access

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
JOIN: Final = "/tools/readiness/join"
Limited = Depends(limited("links to join", per_client=30, window_s=600))
Line = Annotated[str, Form(max_length=1_000)]
TOLD = {
    "access": "What they may do is changed.",
    "removed": "They belong to the team no longer.",
    "withdrawn": "The link works no longer.",
}


@router.get(JOIN, dependencies=[Checked])
def open_page(request: Request) -> Response:
    """Where a link leads, before its secret is known here."""
    return _opening(request, {})


@router.get(f"{JOIN}/{{secret}}", dependencies=[Checked, Limited])
def earlier_link(secret: str) -> Response:
    """Lead a link of an earlier version, with the secret in its path, to where it is none."""
    return RedirectResponse(f"{JOIN}#{secret_in(secret)}", 303, NO_PATH)


@router.post(JOIN, dependencies=[Limited])
def join(request: Request, person: Myself, link: Pasted = "", do: Line = "") -> Response:
    """Ask whether somebody wants to belong to a team; let them join, which uses up the link."""
    desk, secret = Desk.of(request, person), secret_in(link)
    try:
        invited = desk.teams.find(secret)
        if do == "join":
            identity = desk.teams.join(desk.actor, secret)
            return RedirectResponse(f"/tools/readiness/{identity}?said=joined", 303)
    except NotFoundError as error:
        return _opening(request, {"link": f"{CANNOT_BE_USED} {error.mend}"})
    context = {"invited": invited, "secret": secret}
    page = render(request, "pages/readiness_join.html", context)
    page.headers.update(NO_PATH)
    return page


@router.get("/tools/readiness/{identity}/team")
def team_page(request: Request, person: Myself, identity: Identity, said: str = "") -> HTMLResponse:
    """Who sees this?"""
    return _page(request, Desk.of(request, person), identity, told=TOLD.get(said, ""))


@router.post("/tools/readiness/{identity}/team/invite", dependencies=[Limited])
def invite(
    request: Request,
    person: Myself,
    identity: Identity,
    invitee: Line = "",
    access: Annotated[Access, Form()] = Access.EDIT,
) -> Response:
    """Make a link; it is shown in this one answer."""
    desk = Desk.of(request, person)
    try:
        secret = desk.teams.invite(desk.actor, identity, access, invitee)
    except InvalidRequestError as error:
        faults = fault_of(error, "invitee")
        return _page(request, desk, identity, faults=faults, status=422)
    link = f"{link_base(request)}{JOIN}#{secret}"
    return _page(request, desk, identity, link=link, link_for=" ".join(invitee.split())[:100])


@router.post("/tools/readiness/{identity}/team/links/{link}/withdraw")
def withdraw(request: Request, person: Myself, identity: Identity, link: Identity) -> Response:
    """End a link that nobody used."""
    desk = Desk.of(request, person)
    desk.teams.withdraw(desk.actor, identity, link)
    return _back(identity, "withdrawn")


@router.post("/tools/readiness/{identity}/team/{account}/access")
def set_access(
    request: Request,
    person: Myself,
    identity: Identity,
    account: Identity,
    access: Annotated[Access, Form()],
) -> Response:
    """Change what a member may do."""
    desk = Desk.of(request, person)
    desk.teams.set_access(desk.actor, identity, account, access)
    return _back(identity, "access")


@router.post("/tools/readiness/{identity}/team/{account}/remove")
def remove(request: Request, person: Myself, identity: Identity, account: Identity) -> Response:
    """Take somebody out of the team, or leave it."""
    desk = Desk.of(request, person)
    desk.teams.remove(desk.actor, identity, account)
    if account == person.id:
        return RedirectResponse("/tools/readiness?said=left", 303)
    return _back(identity, "removed")


def _opening(request: Request, faults: dict[str, str]) -> HTMLResponse:
    sign_in = "" if person_of(request) is not None else "/sign-in?next=/sign-in/back"
    return opening(request, JOIN, faults, sign_in=sign_in)


def _page(
    request: Request, desk: Desk, identity: str, *, status: int = 200, **more: Any
) -> HTMLResponse:
    assessment = desk.get(identity)
    context = {
        "assessment": assessment,
        "base": views.address(assessment),
        "members": desk.teams.members(desk.actor.id, identity),
        "waiting": desk.teams.waiting(desk.actor.id, identity) if assessment.may("owner") else (),
        "accesses": views.ACCESSES,
        "faults": {},
        **more,
    }
    return render(request, "pages/readiness_team.html", context, status=status)


def _back(identity: str, said: str) -> Response:
    return RedirectResponse(f"/tools/readiness/{identity}/team?said={said}", 303)
