"""Where a request comes from: its address, whether it came by https, what browser it is.

Headers that a proxy adds are believed only from proxies that are named: anybody can send them.
"""

import ipaddress
import re
from collections.abc import Mapping
from functools import cache

from starlette.datastructures import Headers
from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?|([0-9.]{7,15}):\d{1,5}")
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "Linux")


@cache
def networks(setting: str) -> tuple[Network, ...]:
    """Return the networks of a setting.

    Raises:
        ValueError: one of them cannot be.
    """
    named = (part.strip() for part in setting.split(","))
    return tuple(ipaddress.ip_network(part, strict=False) for part in named if part)


def address_of(scope: Scope, trusted: str) -> str:
    """Return the network address a request comes from; of IPv6 the part that one customer has.

    Args:
        scope: of the request.
        trusted: proxies whose ``X-Forwarded-For`` is believed, with commas.
    """
    peer = (scope.get("client") or ("", 0))[0]
    if not _is_trusted(peer, trusted):
        return _customer(peer)
    forwarded = Headers(scope=scope).getlist("x-forwarded-for")
    # Each proxy adds the address it was asked from at the end: the first from there that is no
    # proxy of ours is the client; what stands before it, the client may have made up.
    for hop in reversed([part.strip() for line in forwarded for part in line.split(",")]):
        peer = hop
        if not _is_trusted(hop, trusted):
            break
    return _customer(peer)


def from_proxy(scope: Scope, trusted: str) -> bool:
    """Return whether a request was sent by a proxy of ours.

    Args:
        scope: of the request.
        trusted: our proxies, with commas.
    """
    return bool(trusted) and _is_trusted((scope.get("client") or ("", 0))[0], trusted)


def scheme_of(scope: Scope, trusted: str) -> str:
    """Return by which scheme the client asked."""
    peer = (scope.get("client") or ("", 0))[0]
    if _is_trusted(peer, trusted):
        forwarded = Headers(scope=scope).get("x-forwarded-proto", "").split(",")[-1].strip()
        if forwarded in ("http", "https"):
            return forwarded
    return str(scope.get("scheme", "http"))


def label_of(headers: Mapping[str, str]) -> str:
    """Return what to call a browser in a list: ``Firefox on Windows``."""
    agent = headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in agent), "")
    if not browser and "Safari/" in agent:
        browser = "Safari"
    system = next((name for name in _SYSTEMS if name in agent), "")
    system = {"Macintosh": "Mac"}.get(system, system)
    plain = re.sub(r"[^\w .-]", "", agent.split("/")[0])[:30]
    return " on ".join(part for part in (browser or plain or "A program", system) if part)


def _is_trusted(peer: str, trusted: str) -> bool:
    address = _parsed(peer)
    return address is not None and any(address in network for network in networks(trusted))


def _customer(peer: str) -> str:
    address = _parsed(peer)
    if address is None:
        return peer[:60]
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _parsed(peer: str) -> Address | None:
    """Return an address that may have a port, as some proxies send it; None where it is none."""
    with_port = _WITH_PORT.fullmatch(peer)
    bare = with_port[1] or with_port[2] if with_port else peer
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
