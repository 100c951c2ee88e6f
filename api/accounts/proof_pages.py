"""Showing again that it is you, before a change that could take an account over.

A session goes on for days; somebody else may sit at the browser by then. Making tokens, connecting
another sign-in, taking out or deleting what belongs to an account, and everything an admin does to
accounts ask for a proof of the last minutes.
"""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts import cookies
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    Myself,
    Person,
    ProofNeededError,
    actor_of,
    client_address,
    own_path,
    path_to_go_on,
    require_accounts,
)
from api.accounts.openids import openid_of
from api.errors import problem_of, respond
from api.negotiation import prefers_html
from api.pages.templating import render
from exclusion_map.errors import NotSignedInError, TooManyRequestsError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Text = Annotated[str, Form(max_length=1_000)]


@router.get("/confirm")
def confirm_page(request: Request, person: Myself, next: str = "/account") -> Response:  # noqa: A002
    """Where somebody shows again that it is they."""
    return _page(request, person, own_path(next))


@router.post("/confirm")
def confirm(
    request: Request,
    person: Myself,
    password: Text = "",
    next: Text = "/account",  # noqa: A002
) -> Response:
    """Show by the password that it is you."""
    accounts = require_accounts(request.app.state)
    try:
        accounts.prove(
            actor_of(request, person),
            person.session,
            password,
            address=client_address(request),
            device=cookies.read(request, Cookie.KNOWN),
        )
    except NotSignedInError:
        return _page(request, person, own_path(next), "That is not your password.")
    except TooManyRequestsError as error:
        wait = int(error.wait_s) + 1
        words = f"Too many tries. Try again in {wait} seconds."
        page = _page(request, person, own_path(next), words, status=429)
        page.headers["Retry-After"] = str(wait)
        return page
    return RedirectResponse(own_path(next), 303)


def _page(
    request: Request, person: Person, wanted: str, fault: str = "", *, status: int = 422
) -> Response:
    accounts = require_accounts(request.app.state)
    openid = openid_of(request.app.state)
    connected = openid is not None and any(
        one.issuer == openid.provider.issuer for one in accounts.identities.listed(person.id)
    )
    context = {
        "next": wanted,
        "me": person,
        "by_password": bool(accounts.people.one(person.id).password_hash),
        "provider": openid.name if openid is not None and connected else "",
        "faults": {"password": fault} if fault else {},
    }
    return render(request, "pages/confirm.html", context, status=status if fault else 200)


def install(app: FastAPI) -> None:
    """Send people to the page where they show who they are; tell programs why not."""

    async def ask(request: Request, error: Exception) -> Response:
        if isinstance(error, ProofNeededError) and not prefers_html(
            request.headers.get("accept", "")
        ):
            return respond(request, problem_of(error, request.url.path))
        wanted = RedirectResponse("/confirm", 303, {"Cache-Control": "no-store"})
        address = request.url_for("confirm_page").include_query_params(next=path_to_go_on(request))
        wanted.headers["location"] = f"{address.path}?{address.query}"
        return wanted

    app.add_exception_handler(ProofNeededError, ask)
