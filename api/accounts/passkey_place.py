"""At which address keys sign for this service, or why they cannot here.

Keys are bound to a host name by the browser. It is taken from ``EXCLUSION_MAP_BASE_URL``, never
from what a request says; on ``localhost`` nothing need be set.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from starlette.requests import HTTPConnection

from exclusion_map.accounts.passkeys.answers import Party

_USUAL_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """Where keys sign.

    Attributes:
        party: for whom; None where they cannot.
        why_not: in words, where they cannot.
    """

    party: Party | None
    why_not: str = ""


def place_of(connection: HTTPConnection) -> Place:
    """Return where keys sign for the service that a request was sent to."""
    base = str(connection.app.state.settings.base_url)
    own = urlsplit(base or str(connection.base_url))
    host = _ascii(own.hostname or "")
    if host == "localhost" or host.endswith(".localhost"):
        return Place(Party(host, _origin(own, host)))
    if _is_number(host):
        return Place(
            None,
            f"Keys need a host name, and the address of this service is a number ({host}). "
            "Whoever runs it can change that.",
        )
    if not base:
        return Place(
            None,
            "Keys cannot be used yet: whoever runs this service must first set its public address "
            "(EXCLUSION_MAP_BASE_URL).",
        )
    if own.scheme != "https" or not host:
        return Place(None, "Keys work only at an address that begins with https.")
    return Place(Party(host, _origin(own, host)))


def _origin(own: SplitResult, host: str) -> str:
    """Return an origin as browsers write it: without the usual port."""
    port = own.port
    tail = f":{port}" if port and port != _USUAL_PORTS.get(own.scheme) else ""
    return f"{own.scheme}://{host}{tail}"


def _ascii(host: str) -> str:
    try:
        return host.lower().encode("idna").decode()
    except UnicodeError:
        return ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
