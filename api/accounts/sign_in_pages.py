"""Signing in and out."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts import cookies
from api.accounts.client import label_of
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    Checked,
    MyselfAnyway,
    actor_of,
    client_address,
    own_path,
    person_of,
    request_id_of,
    require_accounts,
)
from api.accounts.limits import limited
from api.accounts.openids import openid_of, openid_settings_of
from api.accounts.words import too_many
from api.pages.templating import render
from exclusion_map.accounts import HalfSignedIn, SignedIn
from exclusion_map.accounts.second.waiting import WAIT
from exclusion_map.errors import ForbiddenError, NotSignedInError, TooManyRequestsError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
TOLD = {
    "joined": "Your account is ready. Sign in with the password you chose.",
    "reset": "Your new password is set. Sign in with it.",
    "out": "You are signed out.",
    "deleted": "The account is deleted.",
    "late": "That took too long. Sign in again.",
}
Text = Annotated[str, Form(max_length=1_000)]


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/", told: str = "") -> Response:  # noqa: A002
    """Where people sign in."""
    require_accounts(request.app.state)
    if person_of(request) is not None:
        return RedirectResponse(own_path(next), 303)
    return sign_in_form(request, own_path(next), told=told)


@router.get("/sign-in/back")
def back_to_form(request: Request) -> Response:
    """Where people end who signed in beside a form that waits in another tab."""
    require_accounts(request.app.state)
    return render(request, "pages/signed_in_back.html", {})


@router.post(
    "/sign-in",
    dependencies=[Checked, Depends(limited("signing in", per_client=60, window_s=300))],
)
def sign_in(
    request: Request,
    email: Text = "",
    password: Text = "",
    next: Text = "/",  # noqa: A002
) -> Response:
    """Sign in."""
    accounts = require_accounts(request.app.state)
    if not cookies.settings_of(request.app.state).password_sign_in:
        raise ForbiddenError(
            "sign-in",
            found="a password",
            expected=f"the sign-in of {openid_settings_of(request.app.state).openid_name}",
            mend="Go to /sign-in.",
        )
    try:
        done = accounts.sign_in(
            email,
            password,
            address=client_address(request),
            device=cookies.read(request, Cookie.KNOWN),
            client=label_of(request.headers),
            request_id=request_id_of(request),
        )
    except (NotSignedInError, TooManyRequestsError) as error:
        return _again(request, error, email, own_path(next))
    if isinstance(done, HalfSignedIn):
        cookies.put(request, Cookie.WAITING, done.waiting, WAIT.seconds)
        return RedirectResponse(f"/sign-in/code?next={quote(own_path(next), safe='/')}", 303)
    return signed_in(request, done, next)


def signed_in(request: Request, done: SignedIn, wanted: str) -> Response:
    """End the session that was open in this browser, remember the new one, and go on."""
    person = person_of(request)
    if person is not None and person.session:
        require_accounts(request.app.state).sessions.end(person.id, person.session)
    remember(request, done)
    known = require_accounts(request.app.state).sessions.find(done.session)
    if known is not None and known.held_back:
        # Elsewhere they would be refused, and on open pages not learn that something is left to do.
        return RedirectResponse("/account/second-factor", 303)
    return RedirectResponse(own_path(wanted), 303)


@router.post("/sign-out")
def sign_out(request: Request, person: MyselfAnyway, everywhere: Text = "") -> Response:
    """Sign out, here or everywhere."""
    accounts = require_accounts(request.app.state)
    accounts.sign_out(actor_of(request, person), "" if everywhere else person.session)
    cookies.put(request, Cookie.SESSION, "")
    return RedirectResponse("/sign-in?told=out", 303)


def remember(request: Request, done: SignedIn) -> None:
    """Give a browser the cookies of a new session; the key of forms before it ends."""
    cookies.put(request, Cookie.SESSION, done.session)
    cookies.put(request, Cookie.KNOWN, done.device, cookies.KNOWN_DAYS * cookies.DAY_S)
    cookies.put(request, Cookie.FORM, "")


def sign_in_form(
    request: Request,
    wanted: str,
    faults: dict[str, str] | None = None,
    *,
    email: str = "",
    told: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Return the page where people sign in, with what went wrong before."""
    openid = openid_of(request.app.state)
    leave = openid.provider.known_end if openid is not None and told == "out" else ""
    context = {
        "next": wanted,
        "email": email[:254],
        "told": TOLD.get(told, ""),
        "faults": faults or {},
        "provider": openid.name if openid is not None else "",
        "leave": leave,
        "by_password": cookies.settings_of(request.app.state).password_sign_in,
    }
    return render(request, "pages/sign_in.html", context, status=status)


def _again(
    request: Request, error: NotSignedInError | TooManyRequestsError, email: str, wanted: str
) -> Response:
    if isinstance(error, TooManyRequestsError):
        faults, headers = too_many(error, "password")
        page = sign_in_form(request, wanted, faults, email=email, status=429)
        page.headers.update(headers)
        return page
    faults = {"password": "Email address or password is wrong. Check both."}
    return sign_in_form(request, wanted, faults, email=email, status=422)
