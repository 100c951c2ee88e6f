"""Signing in with a provider of OpenID Connect: there, and back."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts import cookies, openids
from api.accounts.client import label_of
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    MyselfProven,
    Person,
    actor_of,
    own_path,
    person_of,
    request_id_of,
    require_accounts,
)
from api.accounts.limits import limited
from api.accounts.openids import Asked, Purpose, openid_of, openid_settings_of
from api.accounts.sign_in_pages import sign_in_form
from api.pages.templating import render, render_error
from exclusion_map.accounts.identities import role_of
from exclusion_map.accounts.openid import (
    Identity,
    OpenId,
    ProviderAwayError,
    RefusedByProviderError,
)
from exclusion_map.accounts.sessions import Vouched
from exclusion_map.errors import ConflictError, NotFoundError, SettingsError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_limit = Depends(limited("signing in elsewhere", per_client=60, window_s=300))
_FAULTS = (ProviderAwayError, RefusedByProviderError, SettingsError, ConflictError)
Text = Annotated[str, Form(max_length=1_000)]
Given = Annotated[str, Query(max_length=5_000)]
logger = logging.getLogger(__name__)


@router.get("/sign-in/openid", dependencies=[_limit])
def go(request: Request, next: Given = "/", prove: bool = False) -> Response:  # noqa: A002
    """Go to the provider to sign in, or to show again that it is you."""
    openid = _provider(request)
    purpose = Purpose.PROVE if prove else Purpose.SIGN_IN
    if not prove and person_of(request) is not None:
        return RedirectResponse(own_path(next), 303)
    try:
        address = _address(request, openid, purpose, next)
    except _FAULTS as error:
        return _told(request, error, own_path(next))
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


@router.post("/account/openid", dependencies=[_limit])
def connect(request: Request, person: MyselfProven) -> Response:
    """Show the way to the provider to connect one's account with it.

    A page, not a redirect: our policy lets no form lead to another site.
    """
    openid = _provider(request)
    try:
        address = _address(request, openid, Purpose.CONNECT, "/account")
    except _FAULTS as error:
        return _told(request, error, "/account")
    context = {"address": address, "provider": openid.name, "me": person}
    return render(request, "pages/connect.html", context)


@router.post("/account/openid/off")
def disconnect(request: Request, person: MyselfProven, issuer: Text = "") -> Response:
    """Take a connection with a provider off one's account."""
    require_accounts(request.app.state).identities.unbind(actor_of(request, person), issuer)
    return RedirectResponse("/account?told=disconnected", 303)


@router.get("/sign-in/openid/back", dependencies=[_limit])
def back(
    request: Request, code: Given = "", state: Given = "", iss: Given = "", error: Given = ""
) -> Response:
    """Come back from the provider."""
    openid = _provider(request)
    question = openids.asked(request)
    if question is None:
        words = "That took too long, or began in another browser. Sign in again."
        return sign_in_form(request, "/", {"openid": words}, status=422)
    try:
        if error:
            logger.info("the provider of sign-in answered with an error: %.60r", error)
            raise _not_done()
        who = openid.finish(
            question.flow,
            openids.back_address(request.app.state),
            state=state,
            code=code,
            issuer=iss,
            fresh=question.purpose is Purpose.PROVE,
        )
        return _went_on(request, question, who)
    except _FAULTS as fault:
        return _told(request, fault, question.next)


def _provider(request: Request) -> OpenId:
    require_accounts(request.app.state)
    openid = openid_of(request.app.state)
    if openid is None:
        raise NotFoundError(
            "sign-in",
            found="no sign-in provider",
            expected="an email address and a password",
            mend="Sign in at /sign-in.",
        )
    return openid


def _address(request: Request, openid: OpenId, purpose: Purpose, wanted: str) -> str:
    back_to = openids.back_address(request.app.state)
    flow = openids.ask(request, purpose, wanted)
    return openid.address(flow, back_to, fresh=purpose is Purpose.PROVE)


def _went_on(request: Request, question: Asked, who: Identity) -> Response:
    accounts = require_accounts(request.app.state)
    person = person_of(request)
    if question.purpose is Purpose.SIGN_IN:
        _sign_in(request, who, person)
    elif person is None or not person.session:
        raise RefusedByProviderError(
            "sign-in", found="a session that has ended", expected="a valid session", mend="Sign in."
        )
    elif question.purpose is Purpose.CONNECT:
        accounts.identities.bind(actor_of(request, person), who)
        return RedirectResponse("/account?told=connected", 303)
    elif accounts.identities.is_of(who, person.id):
        accounts.note_proof(actor_of(request, person), person.session, "by provider")
    else:
        raise RefusedByProviderError(
            "sign-in",
            found="somebody else",
            expected="the person who is signed in here",
            mend="Use the account that is connected to this one.",
        )
    return RedirectResponse(question.next, 303)


def _sign_in(request: Request, who: Identity, person: Person | None) -> None:
    accounts = require_accounts(request.app.state)
    settings = openid_settings_of(request.app.state)
    role = None
    if settings.openid_role_claim:
        role = role_of(who.claims, settings.openid_role_claim, settings.openid_roles)
    account = accounts.identities.account_of(who, role, request_id_of(request))
    if person is not None and person.session:
        accounts.sessions.end(person.id, person.session)
    by = Vouched(who.issuer, who.session)
    done = accounts.sign_in_known(account, by, label_of(request.headers), request_id_of(request))
    cookies.put(request, Cookie.SESSION, done)
    cookies.put(request, Cookie.FORM, "")


def _not_done() -> RefusedByProviderError:
    return RefusedByProviderError(
        "sign-in",
        found="a sign-in that was not completed",
        expected="a completed sign-in",
        mend="Sign in again, or ask the people who run it.",
    )


def _told(
    request: Request,
    fault: ProviderAwayError | RefusedByProviderError | SettingsError | ConflictError,
    wanted: str,
) -> Response:
    """Return the page of signing in with what went wrong, and write it down."""
    name = openid_settings_of(request.app.state).openid_name
    logger.warning("signing in with the provider failed: %s", fault)
    if isinstance(fault, RefusedByProviderError | ConflictError):
        accounts = require_accounts(request.app.state)
        accounts.note_refusal(f"by provider: {fault.found}", request_id_of(request))
        words = f"The sign-in of {name} did not let you in: found {fault.found}. {fault.mend}"
        return _with_words(request, words, wanted, 422)
    words = f"The sign-in of {name} does not answer as it should. Try again in a while."
    page = _with_words(request, words, wanted, 503)
    page.headers["Retry-After"] = "30"
    return page


def _with_words(request: Request, words: str, wanted: str, status: int) -> Response:
    if person_of(request) is None:
        return sign_in_form(request, wanted, {"openid": words}, status=status)
    return render_error(request, status, "That did not work", words)
