"""The page behind a link: make an account, or set a new password."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.guard import Checked, request_id_of, require_accounts
from api.accounts.limits import limited
from api.accounts.words import PASSWORD_HINT, fault_of
from api.pages.templating import render
from exclusion_map.accounts import Role
from exclusion_map.accounts.tables import JOIN, Invitation
from exclusion_map.errors import InvalidRequestError

# The secret is part of the address: no other page may learn it as the page one came from.
# Not ``no-referrer``, for then browsers would not say either that the form comes from here.
NO_PATH = {"Referrer-Policy": "strict-origin", "X-Robots-Tag": "noindex"}

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_limit = Depends(limited("opening links", per_client=60, window_s=300))
Text = Annotated[str, Form(max_length=1_000)]


@router.get("/invitation/{secret}", dependencies=[Checked, _limit])
def invitation(request: Request, secret: str) -> Response:
    """What am I invited to?"""
    return _page(request, require_accounts(request.app.state).invitations.find(secret), {})


@router.post("/invitation/{secret}", dependencies=[Checked, _limit])
def accept(request: Request, secret: str, name: Text = "", password: Text = "") -> Response:
    """Make the account, or set the new password."""
    invitations = require_accounts(request.app.state).invitations
    invited = invitations.find(secret)
    try:
        invitations.accept(secret, name, password, request_id=request_id_of(request))
    except InvalidRequestError as error:
        return _page(request, invited, fault_of(error), name=name)
    told = "joined" if invited.purpose == JOIN else "reset"
    return RedirectResponse(f"/sign-in?told={told}", 303, NO_PATH)


def _page(
    request: Request, invited: Invitation, faults: dict[str, str], *, name: str = ""
) -> Response:
    joins = invited.purpose == JOIN
    context: dict[str, Any] = {
        "heading": "Make your account" if joins else "Set a new password",
        "joins": joins,
        "invited": invited,
        "role_words": Role(invited.role).words,
        "name": name[:100],
        "faults": faults,
        "password_hint": PASSWORD_HINT,
    }
    page = render(request, "pages/invitation.html", context, status=422 if faults else 200)
    page.headers.update(NO_PATH)
    return page
