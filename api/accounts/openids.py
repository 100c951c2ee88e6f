"""The provider of sign-in of an app, and what a browser holds on the way there and back."""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum

from starlette.datastructures import State
from starlette.requests import HTTPConnection

from api.accounts import cookies
from api.accounts.cookies import Cookie
from api.accounts.guard import own_path
from exclusion_map.accounts.openid import Flow, OpenId
from exclusion_map.accounts.secret import new_secret
from exclusion_map.errors import SettingsError
from exclusion_map.settings import OpenIdSettings

FLOW_S = 600
"""So long may somebody stay at the provider."""


class Purpose(StrEnum):
    """What an answer of the provider is for."""

    SIGN_IN = "in"
    CONNECT = "connect"
    PROVE = "prove"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that this browser asked the provider."""

    flow: Flow
    purpose: Purpose
    next: str


def openid_settings_of(state: State) -> OpenIdSettings:
    """Return the settings of the provider of an app."""
    settings: OpenIdSettings = state.openid_settings
    return settings


def openid_of(state: State) -> OpenId | None:
    """Return the provider that people of an app may sign in with; None without one."""
    settings = openid_settings_of(state)
    if not settings.openid_issuer:
        return None
    held: tuple[OpenIdSettings, OpenId] | None = getattr(state, "openid_held", None)
    if held is None or held[0] is not settings:
        held = (settings, OpenId(settings))
        state.openid_held = held
    return held[1]


def back_address(state: State) -> str:
    """Return where the provider sends people back to.

    Raises:
        SettingsError: the service does not know its public address.
    """
    base = str(state.settings.base_url).rstrip("/")
    if not base:
        raise SettingsError(
            "EXCLUSION_MAP_BASE_URL",
            found="nothing",
            expected="the public address of this service, as registered with the provider",
            mend="Set it, and register the address with /sign-in/openid/back at the provider.",
        )
    return f"{base}/sign-in/openid/back"


def ask(connection: HTTPConnection, purpose: Purpose, wanted: str) -> Flow:
    """Begin a question, and have the browser remember it."""
    flow = Flow(new_secret())
    path = base64.urlsafe_b64encode(own_path(wanted).encode()).decode().rstrip("=")
    cookies.put(connection, Cookie.FLOW, f"{flow.secret}.{purpose}.{path}", FLOW_S)
    return flow


def asked(connection: HTTPConnection) -> Asked | None:
    """Return the question that this browser asked last; it is forgotten with this answer."""
    secret, _, rest = cookies.read(connection, Cookie.FLOW).partition(".")
    purpose, _, path = rest.partition(".")
    if not secret or purpose not in list(Purpose):
        return None
    cookies.put(connection, Cookie.FLOW, "")
    try:
        wanted = base64.urlsafe_b64decode(path + "=" * (-len(path) % 4)).decode()
    except (ValueError, binascii.Error):
        wanted = "/"
    return Asked(Flow(secret), Purpose(purpose), own_path(wanted))
