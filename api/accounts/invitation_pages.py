"""The page behind a link: make an account, or set a new password."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Checked, request_id_of, require_accounts
from api.accounts.limits import limited
from api.accounts.links import CANNOT_BE_USED, NO_PATH, Pasted, opening, secret_in
from api.accounts.words import PASSWORD_HINT, fault_of
from api.pages.templating import render
from exclusion_map.accounts import Role
from exclusion_map.accounts.tables import JOIN, Invitation
from exclusion_map.errors import InvalidRequestError, NotFoundError

PATH = "/invitation"
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_limit = Depends(limited("opening links", per_client=60, window_s=300))
Text = Annotated[str, Form(max_length=1_000)]


@router.get("/invitation", dependencies=[Checked])
def open_page(request: Request) -> Response:
    """Where a link leads, before its secret is known here."""
    return opening(request, PATH, {})


@router.get("/invitation/{secret}", dependencies=[Checked, _limit])
def earlier_link(secret: str) -> Response:
    """Lead a link of an earlier version, with the secret in its path, to where it is none."""
    return RedirectResponse(f"/invitation#{secret_in(secret)}", 303, NO_PATH)


@router.post("/invitation", dependencies=[Checked, _limit])
def invitation(
    request: Request, link: Pasted = "", name: Text = "", password: Text = "", do: Text = ""
) -> Response:
    """Show what a link is for; make the account, or set the new password."""
    secret, invitations = secret_in(link), require_accounts(request.app.state).invitations
    try:
        invited = invitations.find(secret)
    except NotFoundError as error:
        return opening(request, PATH, {"link": f"{CANNOT_BE_USED} {error.mend}"})
    if do != "accept":
        return _page(request, invited, secret, {})
    try:
        invitations.accept(secret, name, password, request_id=request_id_of(request))
    except InvalidRequestError as error:
        return _page(request, invited, secret, fault_of(error), name=name)
    told = "joined" if invited.purpose == JOIN else "reset"
    return RedirectResponse(f"/sign-in?told={told}", 303)


def _page(
    request: Request, invited: Invitation, secret: str, faults: dict[str, str], *, name: str = ""
) -> Response:
    joins = invited.purpose == JOIN
    context: dict[str, Any] = {
        "heading": "Make your account" if joins else "Set a new password",
        "joins": joins,
        "link": secret,
        "invited": invited,
        "role_words": Role(invited.role).words,
        "name": name[:100],
        "faults": faults,
        "password_hint": PASSWORD_HINT,
    }
    page = render(request, "pages/invitation.html", context, status=422 if faults else 200)
    page.headers.update(NO_PATH)
    return page
