"""The cookies there are: the session, the browser that is known, the key of forms.

And, on the way to a provider of sign-in and back, the question that this browser asked there; and
between password and second factor, the sign-in that waits.
"""

from dataclasses import dataclass
from enum import StrEnum

from starlette.datastructures import State
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from api.accounts.client import scheme_of
from exclusion_map.settings import AccountSettings

DAY_S = 24 * 3600
KNOWN_DAYS = 180


class Cookie(StrEnum):
    """A cookie, named without the prefix it has where the service is reached by https."""

    SESSION = "em-session"
    FORM = "em-form"
    KNOWN = "em-known"
    FLOW = "em-openid"
    WAITING = "em-waiting"


@dataclass(frozen=True, slots=True)
class Set:
    """A cookie to set, or to delete where it holds nothing."""

    cookie: Cookie
    value: str
    max_age: int | None = None


def settings_of(state: State) -> AccountSettings:
    """Return the settings of accounts of an app."""
    settings: AccountSettings = state.account_settings
    return settings


def is_secure(state: State, scope: Scope) -> bool:
    """Whether people reach the service by https."""
    if str(state.settings.base_url).startswith("https:"):
        return True
    return scheme_of(scope, settings_of(state).trusted_proxies) == "https"


def name_of(cookie: Cookie, *, secure: bool) -> str:
    """Return the name of a cookie. ``__Host-``: no other host, and no page by http, can set it."""
    return f"__Host-{cookie}" if secure else str(cookie)


def read(connection: HTTPConnection, cookie: Cookie) -> str:
    """Return what a cookie of a request holds; empty without it."""
    secure = is_secure(connection.app.state, connection.scope)
    return connection.cookies.get(name_of(cookie, secure=secure), "")


def put(connection: HTTPConnection, cookie: Cookie, value: str, max_age: int | None = None) -> None:
    """Have the answer to a request set a cookie; an empty value deletes it."""
    waiting = connection.scope.setdefault("state", {}).setdefault("em_cookies", [])
    waiting.append(Set(cookie, value, max_age))


def about_to_be(connection: HTTPConnection, cookie: Cookie) -> str:
    """Return what the answer to a request sets a cookie to; empty where it does not."""
    waiting: list[Set] = connection.scope.get("state", {}).get("em_cookies", [])
    return next((one.value for one in reversed(waiting) if one.cookie is cookie), "")


def header_of(wanted: Set, *, secure: bool) -> str:
    """Return the header that sets a cookie."""
    response = Response()
    response.set_cookie(
        name_of(wanted.cookie, secure=secure),
        wanted.value,
        max_age=wanted.max_age if wanted.value else 0,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response.headers["set-cookie"]
