"""Security keys and passkeys: registered, named, removed, and asked to sign.

A page asks here what a key is to sign, has it signed by the browser (``web/src/passkey.ts``), and
sends the answer as a form like any other.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.accounts import cookies
from api.accounts.client import label_of
from api.accounts.cookies import Cookie
from api.accounts.guard import (
    Checked,
    MyselfAnyway,
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
from api.accounts.second_pages import code_form, late
from api.accounts.sign_in_pages import signed_in
from api.accounts.words import WRONG_KEY, too_many
from api.pages.templating import render
from exclusion_map.accounts.passkeys.answers import LONGEST_ANSWER, Party
from exclusion_map.accounts.passkeys.challenges import Purpose
from exclusion_map.accounts.passkeys.store import KeyAnswer
from exclusion_map.accounts.proving import WrongCodeError
from exclusion_map.accounts.second.waiting import WaitingOverError
from exclusion_map.accounts.secret import digest
from exclusion_map.errors import ConflictError, InvalidRequestError, TooManyRequestsError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
PATH: Final = "/account/passkeys"
TOLD: Final = {
    "added": "The key is registered.",
    "renamed": "The key has its new name.",
    "removed": "The key is removed. You are signed out everywhere else.",
}
Text = Annotated[str, Form(max_length=1_000)]
Answer = Annotated[str, Form(max_length=LONGEST_ANSWER)]
_limit = Depends(limited("using keys", per_client=60, window_s=300))


@router.post("/sign-in/passkey/options", dependencies=[Checked, _limit])
def ask_to_sign_in(request: Request) -> Response:
    """What a key is to sign after the password."""
    waits = cookies.read(request, Cookie.WAITING)
    accounts = require_accounts(request.app.state)
    account_id = accounts.half_signed_in(waits)
    asked = accounts.passkeys.ask(account_id, Purpose.SIGN_IN, _party(request), digest(waits))
    return JSONResponse(asked)


@router.post("/sign-in/passkey", dependencies=[Checked, _limit])
def finish(request: Request, credential: Answer = "", next: Text = "/") -> Response:  # noqa: A002
    """Finish signing in with a key."""
    wanted, waits = own_path(next), cookies.read(request, Cookie.WAITING)
    try:
        done = require_accounts(request.app.state).finish_sign_in(
            waits,
            KeyAnswer(credential, _party(request), digest(waits)),
            address=client_address(request),
            device=cookies.read(request, Cookie.KNOWN),
            client=label_of(request.headers),
            request_id=request_id_of(request),
        )
    except WaitingOverError:
        return late(request)
    except WrongCodeError:
        return code_form(request, wanted, {"use-key": WRONG_KEY}, 422)
    except TooManyRequestsError as error:
        faults, headers = too_many(error, "use-key")
        page = code_form(request, wanted, faults, 429)
        page.headers.update(headers)
        return page
    cookies.put(request, Cookie.WAITING, "")
    return signed_in(request, done, wanted)


@router.post("/confirm/passkey/options", dependencies=[_limit])
def ask_to_prove(request: Request, person: MyselfAnyway) -> Response:
    """What a key is to sign where somebody shows again that it is they."""
    keys = require_accounts(request.app.state).passkeys
    return JSONResponse(keys.ask(person.id, Purpose.PROVE, _party(request), person.session))


@router.get(PATH)
def keys_page(request: Request, person: MyselfSettingUp, told: str = "") -> Response:
    """My keys."""
    return _page(request, person, told=TOLD.get(told, ""))


@router.post(f"{PATH}/options", dependencies=[_limit])
def ask_to_register(request: Request, person: MyselfSettingUp) -> Response:
    """What a new key is to sign."""
    keys = require_accounts(request.app.state).passkeys
    return JSONResponse(keys.begin(actor_of(request, person), _party(request), person.session))


@router.post(PATH, dependencies=[_limit])
def register(
    request: Request, person: MyselfSettingUp, name: Text = "", credential: Answer = ""
) -> Response:
    """Register a key; recovery codes are shown in this one answer, with the first."""
    brought = KeyAnswer(credential, _party(request), person.session)
    try:
        secret, codes = require_accounts(request.app.state).register_key(
            actor_of(request, person), person.session, name, brought
        )
    except (InvalidRequestError, ConflictError) as error:
        field = "name" if error.thing.startswith("name") else "add-key"
        words = f"Found {error.found}; expected {error.expected}. {error.mend}".strip()
        return _page(request, person, faults={field: words}, name=name[:100])
    if not codes:
        return _back("added")
    cookies.put(request, Cookie.SESSION, secret)
    return _page(request, person, codes=codes, told=TOLD["added"])


@router.post(f"{PATH}/{{key_id}}/name")
def rename(request: Request, person: MyselfSettingUp, key_id: str, name: Text = "") -> Response:
    """Give a key another name."""
    keys = require_accounts(request.app.state).passkeys
    try:
        keys.rename(actor_of(request, person), key_id, name)
    except InvalidRequestError as error:
        words = f"Found {error.found}; expected {error.expected}."
        return _page(request, person, faults={f"name-{key_id}": words})
    return _back("renamed")


@router.post(f"{PATH}/{{key_id}}/remove")
def remove(request: Request, person: MyselfSettingUp, key_id: str) -> Response:
    """Remove a key."""
    accounts = require_accounts(request.app.state)
    secret = accounts.remove_key(actor_of(request, person), person.session, key_id)
    cookies.put(request, Cookie.SESSION, secret)
    return _back("removed")


def _party(request: Request) -> Party:
    """Return for whom keys sign.

    Raises:
        ConflictError: they cannot at the address of this service.
    """
    place = place_of(request)
    if place.party is None:
        raise ConflictError(
            "keys", found="an address at which they do not work", expected=place.why_not
        )
    return place.party


def _back(told: str) -> Response:
    return RedirectResponse(f"{PATH}?told={told}", 303)


def _page(
    request: Request, person: Person, *, faults: dict[str, str] | None = None, **more: Any
) -> HTMLResponse:
    accounts = require_accounts(request.app.state)
    context = {
        "me": person,
        "place": place_of(request),
        "keys": accounts.passkeys.listed(person.id),
        "standing": accounts.second.standing(person.id),
        "offered": accounts.second.offered,
        "required": person.held_back,
        "faults": faults or {},
        **more,
    }
    return render(request, "pages/passkeys.html", context, status=422 if faults else 200)
