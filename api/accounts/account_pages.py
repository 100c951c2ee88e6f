"""What people see and change of their own account."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.accounts import cookies
from api.accounts.client import label_of
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    Myself,
    MyselfProven,
    Person,
    Viewer,
    actor_of,
    client_address,
    require_accounts,
)
from api.accounts.openids import openid_of
from api.accounts.sign_in_pages import remember
from api.accounts.words import PASSWORD_HINT, fault_of, role_options
from api.errors import responses
from api.pages.templating import render
from exclusion_map.accounts import Role
from exclusion_map.errors import InvalidRequestError, NotSignedInError, TooManyRequestsError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
api_router = APIRouter()
TOLD = {
    "name": "Your name is changed.",
    "password": "Your password is changed. You are signed out everywhere else.",
    "session": "That browser is signed out.",
    "token": "The token works no longer.",
    "connected": "Your account is connected. You can sign in that way from now on.",
    "disconnected": "The connection is taken off.",
}
MOST_TOLD = 12
DAYS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year"))
Text = Annotated[str, Form(max_length=1_000)]


class Me(BaseModel):
    """The person or token making the request, with permissions."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: Role
    by_token: bool = Field(description="Whether the request uses an API token.")


@api_router.get("/api/v1/me", tags=["account"], responses=responses(401, 503))
def me(person: Viewer) -> Me:
    """The name, role and permissions of whoever makes the request, signed in or by token."""
    return Me(name=person.name, role=person.role, by_token=person.by_token)


@router.get("/account")
def account_page(request: Request, person: Myself, told: str = "") -> Response:
    """My name, where I am signed in, my tokens."""
    return _page(request, person, told=TOLD.get(told, ""))


@router.post("/account/name")
def change_name(request: Request, person: Myself, name: Text = "") -> Response:
    """Change my name."""
    try:
        require_accounts(request.app.state).people.rename(actor_of(request, person), name)
    except InvalidRequestError as error:
        return _page(request, person, faults=fault_of(error, "name"), name=name)
    return _back("name")


@router.post("/account/password")
def change_password(request: Request, person: Myself, old: Text = "", new: Text = "") -> Response:
    """Change my password."""
    try:
        done = require_accounts(request.app.state).change_password(
            actor_of(request, person),
            old,
            new,
            address=client_address(request),
            device=cookies.read(request, Cookie.KNOWN),
            client=label_of(request.headers),
        )
    except NotSignedInError:
        return _page(request, person, faults={"old": "That is not your password now."})
    except TooManyRequestsError as error:
        words = f"Too many tries. Try again in {int(error.wait_s) + 1} seconds."
        return _page(request, person, faults={"old": words})
    except InvalidRequestError as error:
        return _page(request, person, faults=fault_of(error, "new"))
    remember(request, done)
    return _back("password")


@router.post("/account/sessions/{session_id}/end")
def end_session(request: Request, person: Myself, session_id: str) -> Response:
    """Sign out another browser."""
    accounts = require_accounts(request.app.state)
    accounts.sign_out(actor_of(request, person), session_id)
    return _back("session")


@router.post("/account/tokens")
def make_token(
    request: Request,
    person: MyselfProven,
    token_name: Text = "",
    token_role: Annotated[Role, Form()] = Role.VIEWER,
    token_days: Annotated[int, Form()] = 90,
) -> Response:
    """Make an API token; it is shown in this one answer."""
    accounts = require_accounts(request.app.state)
    try:
        _not_above(person, token_role)
        actor = actor_of(request, person)
        secret = accounts.tokens.make(actor, token_name, token_role, token_days)
    except InvalidRequestError as error:
        faults = fault_of(error, "token_name")
        return _page(request, person, faults=faults, token_name=token_name)
    return _page(request, person, secret=secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(request: Request, person: Myself, token_id: str) -> Response:
    """End an API token."""
    accounts = require_accounts(request.app.state)
    accounts.tokens.revoke(actor_of(request, person), person.id, token_id)
    return _back("token")


def _not_above(person: Person, role: Role) -> None:
    """Refuse a token of a role above that of who asks, which may be below the account's.

    Raises:
        InvalidRequestError: it is above.
    """
    if not person.role.allows(role):
        raise InvalidRequestError(
            "role", found=role.value, expected=f"a role up to {person.role.value}"
        )


def _back(told: str) -> Response:
    return RedirectResponse(f"/account?told={told}", 303)


def _page(
    request: Request, person: Person, *, faults: dict[str, str] | None = None, **more: Any
) -> Response:
    accounts = require_accounts(request.app.state)
    openid = openid_of(request.app.state)
    codes = accounts.second.standing(person.id)
    context = {
        "me": person,
        "codes_on": codes.since is not None,
        "codes_offered": accounts.second.offered,
        "keys": codes.keys,
        "recovery_left": codes.recovery_left,
        "provider": openid.name if openid is not None else "",
        "identities": accounts.identities.listed(person.id),
        "by_password": bool(accounts.people.one(person.id).password_hash),
        "lately": accounts.audit.about(person.id, limit=MOST_TOLD),
        "role_words": person.role.words,
        "sessions": accounts.sessions.listed(person.id),
        "tokens": accounts.tokens.listed(person.id),
        "roles": role_options(person.role),
        "days": DAYS,
        "faults": faults or {},
        "password_hint": PASSWORD_HINT,
        "name": person.name,
        **more,
    }
    return render(request, "pages/account.html", context, status=422 if faults else 200)
