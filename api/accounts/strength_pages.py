"""How strong is a password? Told to a script while somebody types, and on a page without one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.accounts.guard import Checked, person_of, require_accounts
from api.accounts.limits import limited
from api.accounts.links import Pasted, secret_in
from api.accounts.words import PASSWORD_HINT
from api.negotiation import prefers_html
from api.pages.templating import render
from exclusion_map.accounts.passwords import LONGEST_TYPED
from exclusion_map.accounts.strength import MOST, Strength, strength_of
from exclusion_map.errors import NotFoundError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_limit = Depends(limited("checking passwords", per_client=60, window_s=300))


@router.get("/password-strength", dependencies=[Checked])
def strength_page(request: Request) -> Response:
    """Where people ask how strong a password is."""
    return _page(request, None)


@router.post("/password-strength", dependencies=[Checked, _limit])
def strength(
    request: Request,
    password: Annotated[str, Form(max_length=LONGEST_TYPED)] = "",
    link: Pasted = "",
) -> Response:
    """Tell how strong a password is; nothing of it is kept."""
    breached = require_accounts(request.app.state).invitations.breached
    found = strength_of(password, _known(request, secret_in(link)), breached)
    if prefers_html(request.headers.get("accept", "")):
        return _page(request, found)
    return JSONResponse({"level": found.level, "most": MOST, "words": found.words})


def _known(request: Request, secret: str) -> tuple[str, ...]:
    """Return what an attacker knows of whoever asks: name and address, or that of their link."""
    person = person_of(request)
    if person is not None:
        return person.name, person.email
    try:
        return (require_accounts(request.app.state).invitations.find(secret).email,)
    except NotFoundError:
        return ()


def _page(request: Request, found: Strength | None) -> Response:
    context = {"found": found, "most": MOST, "password_hint": PASSWORD_HINT}
    return render(request, "pages/password_strength.html", context)
