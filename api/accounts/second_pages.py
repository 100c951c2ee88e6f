"""The second factor: asked for after the password, set up, switched off."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from api.accounts import cookies
from api.accounts.client import label_of
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    Checked,
    KeeperProven,
    MyselfSettingUp,
    Person,
    actor_of,
    client_address,
    own_path,
    request_id_of,
    require_accounts,
)
from api.accounts.limits import limited
from api.accounts.passkey_place import place_of
from api.accounts.sign_in_pages import signed_in
from api.accounts.words import WRONG_CODE, too_many
from api.pages.templating import render
from exclusion_map.accounts.proving import WrongCodeError
from exclusion_map.accounts.second.codes import address_of
from exclusion_map.accounts.second.waiting import WaitingOverError
from exclusion_map.errors import InvalidRequestError, NotFoundError, TooManyRequestsError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
PATH: Final = "/account/second-factor"
NAME: Final = "Exclusion Map"
TOLD: Final = {"off": "Codes are switched off."}
Text = Annotated[str, Form(max_length=1_000)]
_limit = Depends(limited("signing in", per_client=60, window_s=300))


@router.get("/sign-in/code", dependencies=[Checked])
def code_page(request: Request, next: str = "/") -> Response:  # noqa: A002
    """Where people type the code of their app after the password."""
    try:
        return code_form(request, own_path(next))
    except WaitingOverError:
        return late(request)


@router.post("/sign-in/code", dependencies=[Checked, _limit])
def finish(request: Request, code: Text = "", next: Text = "/") -> Response:  # noqa: A002
    """Finish signing in with a code."""
    wanted = own_path(next)
    try:
        done = require_accounts(request.app.state).finish_sign_in(
            cookies.read(request, Cookie.WAITING),
            code,
            address=client_address(request),
            device=cookies.read(request, Cookie.KNOWN),
            client=label_of(request.headers),
            request_id=request_id_of(request),
        )
    except WaitingOverError:
        return late(request)
    except WrongCodeError:
        return code_form(request, wanted, {"code": WRONG_CODE}, 422)
    except TooManyRequestsError as error:
        faults, headers = too_many(error, "code")
        page = code_form(request, wanted, faults, 429)
        page.headers.update(headers)
        return page
    cookies.put(request, Cookie.WAITING, "")
    return signed_in(request, done, wanted)


@router.get(PATH)
def second_factor(request: Request, person: MyselfSettingUp, told: str = "") -> Response:
    """How it stands with my second factor."""
    return _page(request, person, told=TOLD.get(told, ""))


@router.post(f"{PATH}/begin")
def begin(request: Request, person: MyselfSettingUp) -> Response:
    """Begin to set it up: a key to share with an app, which the page then shows."""
    require_accounts(request.app.state).second.begin(actor_of(request, person))
    return RedirectResponse(PATH, 303)


@router.post(f"{PATH}/confirm")
def confirm(request: Request, person: MyselfSettingUp, code: Text = "") -> Response:
    """Take it into use; the recovery codes are shown in this one answer."""
    accounts = require_accounts(request.app.state)
    try:
        secret, codes = accounts.confirm_second_factor(
            actor_of(request, person),
            person.session,
            code,
            address=client_address(request),
            device=cookies.read(request, Cookie.KNOWN),
        )
    except InvalidRequestError as error:
        words = f"The app does not show that code now. {error.mend}"
        return _page(request, person, faults={"code": words})
    except NotFoundError:
        return RedirectResponse(PATH, 303)
    except TooManyRequestsError as error:
        faults, headers = too_many(error, "code")
        page = _page(request, person, faults=faults)
        page.headers.update(headers)
        return page
    cookies.put(request, Cookie.SESSION, secret)
    return _page(request, person, codes=codes)


@router.post(f"{PATH}/codes")
def renew_codes(request: Request, person: MyselfSettingUp) -> Response:
    """Make new recovery codes; they are shown in this one answer."""
    codes = require_accounts(request.app.state).second.renew_codes(actor_of(request, person))
    return _page(request, person, codes=codes)


@router.post(f"{PATH}/off")
def switch_off(request: Request, person: MyselfSettingUp) -> Response:
    """Switch it off."""
    accounts = require_accounts(request.app.state)
    secret = accounts.drop_second_factor(actor_of(request, person), person.session)
    cookies.put(request, Cookie.SESSION, secret)
    return RedirectResponse(f"{PATH}?told=off", 303)


@router.post("/people/{account_id}/second-factor/reset")
def reset(request: Request, person: KeeperProven, account_id: str) -> Response:
    """Take it off somebody who lost phone and recovery codes."""
    accounts = require_accounts(request.app.state)
    accounts.second.take_off(actor_of(request, person), accounts.people.one(account_id).id)
    return RedirectResponse("/people?told=second", 303)


def late(request: Request) -> Response:
    """Send a browser back to the password, whose sign-in waits no more."""
    cookies.put(request, Cookie.WAITING, "")
    return RedirectResponse("/sign-in?told=late", 303)


def code_form(
    request: Request, wanted: str, faults: dict[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    """Return the page that asks for the second factor: whatever of it the account has.

    Raises:
        WaitingOverError: no sign-in waits for it.
    """
    accounts = require_accounts(request.app.state)
    account_id = accounts.half_signed_in(cookies.read(request, Cookie.WAITING))
    standing = accounts.second.standing(account_id)
    context = {
        "next": wanted,
        "faults": faults or {},
        "by_code": standing.since is not None,
        "by_key": standing.keys > 0,
        "place": place_of(request),
    }
    return render(request, "pages/sign_in_code.html", context, status=status)


def _page(
    request: Request, person: Person, *, faults: dict[str, str] | None = None, **more: Any
) -> HTMLResponse:
    accounts = require_accounts(request.app.state)
    key = accounts.second.pending(person.id)
    context = {
        "me": person,
        "standing": accounts.second.standing(person.id),
        "offered": accounts.second.offered,
        "required": person.held_back,
        "key": " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
        "picture": _picture(address_of(key, person.email, NAME)) if key else "",
        "faults": faults or {},
        **more,
    }
    return render(request, "pages/second_factor.html", context, status=422 if faults else 200)


def _picture(text: str) -> Markup:
    """Return a QR code as SVG: black on white at any colours of the page, with its quiet zone."""
    # Imported here: only who sets a second factor up needs it.
    import segno

    drawn = segno.make(text, error="m", micro=False).svg_inline(
        scale=4, border=4, light="#fff", omitsize=True, svgclass="em-qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - lines and numbers alone
