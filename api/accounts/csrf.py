"""No page of another site may make a browser change something here.

Three walls: cookies are ``SameSite=Lax``; the browser says from which page a form comes
(``Origin``, ``Sec-Fetch-Site``) and only our own will do; and the form holds a token made from a
cookie that other sites cannot read: of the session, or of a key for forms of anybody.
"""

import base64
import binascii
import hmac
import secrets
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.requests import HTTPConnection, Request

from api.accounts import cookies
from api.accounts.client import scheme_of
from api.accounts.cookies import Cookie
from api.uploads import refuse_by_length
from exclusion_map.accounts.secret import new_secret
from exclusion_map.errors import ForbiddenError

FIELD, HEADER = "csrf", "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SIZE = 32
MOST_FIELDS = 3_000
"""The form of a place with many services has more fields than the thousand Starlette takes."""


class Csrf:
    """The token of a page, made when a template first asks for it.

    Only then does a visitor get a cookie: pages without forms that write set none.
    """

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def __str__(self) -> str:
        return masked(mark_of(key_for_forms(self._connection)))

    def __html__(self) -> Markup:
        return Markup(str(self))  # noqa: S704 - base64 alone


def key_for_forms(connection: HTTPConnection) -> str:
    """Return the secret that tokens of this browser are made from; set a cookie where it lacks."""
    # A session that this answer gives another secret will send that one with its forms.
    fresh = cookies.about_to_be(connection, Cookie.SESSION)
    held = fresh or cookies.read(connection, Cookie.SESSION)
    held = held or cookies.read(connection, Cookie.FORM)
    if held:
        return held
    state = connection.scope.setdefault("state", {})
    if "em_form_key" not in state:
        state["em_form_key"] = new_secret()
        cookies.put(connection, Cookie.FORM, state["em_form_key"])
    return str(state["em_form_key"])


def masked(mark: bytes) -> str:
    """Return a mark that looks different each time: compressed pages must not give it away."""
    mask = secrets.token_bytes(_SIZE)
    return base64.urlsafe_b64encode(mask + _xor(mask, mark)).decode()


async def check(request: Request, *, signed_in: bool) -> None:
    """Refuse a request that changes something and does not come from a page of ours.

    Args:
        request: that changes something.
        signed_in: whether its session is one that goes on; then only its own forms will do.

    Raises:
        ForbiddenError: it comes from elsewhere, or its form is not from this browser.
        InvalidRequestError: the form is larger than the service takes.
    """
    check_origin(request)
    wanted = (Cookie.SESSION,) if signed_in else (Cookie.SESSION, Cookie.FORM)
    keys = [key for key in (cookies.read(request, one) for one in wanted) if key]
    sent = request.headers.get(HEADER) or await _field(request)
    if not any(matches(sent, key) for key in keys):
        raise ForbiddenError(
            "form",
            found="an expired form token" if sent else "no form token",
            expected="a form of this service, sent by the browser that opened it",
            mend="Go back, reload the page and send the form again. Cookies must be enabled.",
        )


def check_origin(request: Request) -> None:
    """Refuse a request that another site made a browser send.

    Raises:
        ForbiddenError: it did, or nothing says where the request comes from.
    """
    site = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "")
    came_from_us = site in ("same-origin", "none") if site else True
    if origin:
        came_from_us = came_from_us and origin.lower() in _own_origins(request)
    if not came_from_us or not (site or origin):
        raise ForbiddenError(
            "request",
            found=f"one that comes from {(origin or site or 'an unknown page')[:80]}",
            expected="one from a page of this service",
            mend="Programs use an API token instead of cookies: see /account.",
        )


def _own_origins(request: Request) -> set[str]:
    state = request.app.state
    scheme = scheme_of(request.scope, cookies.settings_of(state).trusted_proxies)
    own = {f"{scheme}://{request.headers.get('host', '')}".lower()}
    base = urlsplit(str(state.settings.base_url))
    if base.netloc:
        own.add(f"{base.scheme}://{base.netloc}".lower())
    return own


async def _field(request: Request) -> str:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return ""
    limit = int(request.app.state.settings.upload_limit)
    await refuse_by_length(request, limit, must_say=True)
    # Starlette keeps what it read: the route gets the same form without reading again.
    form = await request.form(max_fields=MOST_FIELDS, max_part_size=limit)
    value = form.get(FIELD)
    return value if isinstance(value, str) else ""


def matches(sent: str, key: str) -> bool:
    """Whether a token that a form sent was made from a key."""
    try:
        raw = base64.urlsafe_b64decode(sent.encode("ascii"))
    except (ValueError, UnicodeEncodeError, binascii.Error):
        return False
    if len(raw) != 2 * _SIZE:
        return False
    return hmac.compare_digest(_xor(raw[:_SIZE], raw[_SIZE:]), mark_of(key))


def mark_of(key: str) -> bytes:
    """Return what tokens made from a key hold beneath their mask."""
    return hmac.digest(key.encode(), b"exclusion map form", "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
