"""Teams of readiness: who belongs to an assessment, and links with which others join."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Myself
from api.accounts.limits import limited
from api.accounts.people_pages import link_base
from api.accounts.words import fault_of
from api.pages import readiness as views
from api.pages.templating import render
from api.readiness import Desk, Identity
from exclusion_map.errors import InvalidRequestError
from exclusion_map.readiness.models import Access

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Limited = Depends(limited("links to join", per_client=30, window_s=600))
Secret = Annotated[str, Path(max_length=100)]
Line = Annotated[str, Form(max_length=1_000)]
TOLD = {
    "access": "What they may do is changed.",
    "removed": "They belong to the team no longer.",
    "withdrawn": "The link works no longer.",
}


@router.get("/tools/readiness/join/{secret}")
def join_page(request: Request, person: Myself, secret: Secret) -> HTMLResponse:
    """Do you want to belong to this team?"""
    invited = Desk.of(request, person).teams.find(secret)
    context = {"invited": invited, "secret": secret}
    return render(request, "pages/readiness_join.html", context)


@router.post("/tools/readiness/join/{secret}", dependencies=[Limited])
def join(request: Request, person: Myself, secret: Secret) -> Response:
    """Join a team; the link is used up."""
    desk = Desk.of(request, person)
    identity = desk.teams.join(desk.actor, secret)
    return RedirectResponse(f"/tools/readiness/{identity}?said=joined", 303)


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
    link = f"{link_base(request)}/tools/readiness/join/{secret}"
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
