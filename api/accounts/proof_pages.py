"""Showing again that it is you, before a change that could take an account over.

A session goes on for days; somebody else may sit at the browser by then. Making tokens, connecting
another sign-in, taking out or deleting what belongs to an account, and everything an admin does to
accounts ask for a proof of the last minutes.
"""

from typing import Annotated, Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts import cookies
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    MyselfAnyway,
    Person,
    ProofNeededError,
    SecondFactorNeededError,
    actor_of,
    client_address,
    own_path,
    path_to_go_on,
    require_accounts,
)
from api.accounts.openids import openid_of
from api.accounts.passkey_place import place_of
from api.accounts.words import WRONG_CODE, WRONG_KEY, too_many
from api.errors import problem_of, respond
from api.negotiation import prefers_html
from api.pages.edit_once_more import once_more
from api.pages.templating import render
from exclusion_map.accounts.passkeys.answers import LONGEST_ANSWER
from exclusion_map.accounts.passkeys.store import KeyAnswer
from exclusion_map.accounts.proving import WrongCodeError
from exclusion_map.errors import ForbiddenError, NotSignedInError, TooManyRequestsError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
NOT_KEPT: Final = {"Cache-Control": "no-store"}
Text = Annotated[str, Form(max_length=1_000)]
Answer = Annotated[str, Form(max_length=LONGEST_ANSWER)]


@router.get("/confirm")
def confirm_page(request: Request, person: MyselfAnyway, next: str = "/account") -> Response:  # noqa: A002
    """Where somebody shows again that it is they."""
    return _page(request, person, own_path(next))


@router.post("/confirm")
def confirm(
    request: Request,
    person: MyselfAnyway,
    password: Text = "",
    code: Text = "",
    credential: Answer = "",
    next: Text = "/account",  # noqa: A002
) -> Response:
    """Show by the password, and a code or key where you have one, that it is you."""
    accounts = require_accounts(request.app.state)
    if not cookies.settings_of(request.app.state).password_sign_in:
        faults = {"password": "Passwords are switched off in this service."}
        return _page(request, person, own_path(next), faults)
    try:
        accounts.prove(
            actor_of(request, person),
            person.session,
            password,
            _shown(request, person, code, credential),
            address=client_address(request),
            device=cookies.read(request, Cookie.KNOWN),
        )
    except WrongCodeError:
        faults = {"use-key": WRONG_KEY} if credential else {"code": WRONG_CODE}
        return _page(request, person, own_path(next), faults)
    except NotSignedInError:
        faults = {"password": "That is not your password."}
        return _page(request, person, own_path(next), faults)
    except TooManyRequestsError as error:
        faults, headers = too_many(error, "password")
        page = _page(request, person, own_path(next), faults, status=429)
        page.headers.update(headers)
        return page
    return RedirectResponse(own_path(next), 303)


def _shown(request: Request, person: Person, code: str, credential: str) -> str | KeyAnswer:
    party = place_of(request).party
    if not credential or party is None:
        return code
    return KeyAnswer(credential, party, person.session)


def _page(
    request: Request,
    person: Person,
    wanted: str,
    faults: dict[str, str] | None = None,
    *,
    status: int = 422,
) -> Response:
    accounts = require_accounts(request.app.state)
    openid = openid_of(request.app.state)
    connected = openid is not None and any(
        one.issuer == openid.provider.issuer for one in accounts.identities.listed(person.id)
    )
    standing = accounts.second.standing(person.id)
    context = {
        "next": wanted,
        "me": person,
        "by_password": cookies.settings_of(request.app.state).password_sign_in
        and bool(accounts.people.one(person.id).password_hash),
        "provider": openid.name if openid is not None and connected else "",
        "by_code": standing.since is not None,
        "by_key": standing.keys > 0,
        "place": place_of(request),
        "faults": faults or {},
    }
    return render(request, "pages/confirm.html", context, status=status if faults else 200)


def install(app: FastAPI) -> None:
    """Send people to the page where they show who they are; tell programs why not."""

    async def ask(request: Request, error: Exception) -> Response:
        if isinstance(error, ForbiddenError) and not prefers_html(
            request.headers.get("accept", "")
        ):
            return respond(request, problem_of(error, request.url.path))
        kept = await once_more(request, cast("ForbiddenError", error))
        if kept is not None:
            return kept
        if isinstance(error, SecondFactorNeededError):
            return RedirectResponse("/account/second-factor", 303, NOT_KEPT)
        address = f"/confirm?{urlencode({'next': path_to_go_on(request)})}"
        return RedirectResponse(address, 303, NOT_KEPT)

    app.add_exception_handler(ProofNeededError, ask)
    app.add_exception_handler(SecondFactorNeededError, ask)
