"""Only public addresses are asked: nobody reaches the network of the service through a feed.

A name is looked up once, every address it has is checked, and the connection goes to a checked
address: an answer of the name server that changes a moment later has no effect. Each redirect
passes the same gate.
"""

import ipaddress
import socket
from collections.abc import Iterable

import httpx2

from exclusion_map.errors import FetchError
from exclusion_map.sources.web import certificates

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
SCHEMES = {"http": 80, "https": 443}
MEND = "If it is yours, name its host in EXCLUSION_MAP_FEEDS_ALLOWED."


class RefusedError(FetchError):
    """An address that feeds may not have."""


class Gate(httpx2.BaseTransport):
    """A transport that connects to public addresses alone.

    Args:
        allowed: hosts, with or without a port, that may have any address.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = {host.strip().casefold() for host in allowed if host.strip()}
        self._inner = httpx2.HTTPTransport(verify=certificates(), trust_env=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the first address of its host that answers.

        Raises:
            RefusedError: the address is not one that feeds may have.
        """
        checked = self.addresses(request.url)
        for number, address in enumerate(checked, 1):
            try:
                return self._inner.handle_request(_to(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if number == len(checked):
                    raise
        raise AssertionError("a host has at least one address")

    def close(self) -> None:
        """Close every connection."""
        self._inner.close()

    def addresses(self, url: httpx2.URL) -> list[str]:
        """Return the checked addresses of a host.

        Raises:
            RefusedError: one of them is not public, or the address is no web address.
            httpx2.ConnectError: the name is not known.
        """
        label = f"{url.scheme}://{url.netloc.decode('ascii', 'replace')[:100]}"
        if url.scheme not in SCHEMES or not url.host:
            raise _refused("address of a feed", f"{url.scheme or 'no'} address", "http or https")
        if url.userinfo:
            raise _refused("address of a feed", "a name and password in it", "an open feed")
        port = url.port or SCHEMES[url.scheme]
        found = _look_up(url.host, port)
        host = url.host.casefold()
        if {host, f"{host}:{port}"} & self._allowed:
            return found
        for address in found:
            if not is_public(ipaddress.ip_address(address.split("%")[0])):
                # Which address a name has inside a network is nobody's business outside.
                raise _refused(label, "a host that is not on the public internet", "one that is")
        return found


def is_public(address: IP) -> bool:
    """Tell whether an address is one that anybody on the internet may ask."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if inside is None and address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
        if address.is_site_local or address.teredo is not None:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )


def _look_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx2.ConnectError(f"the name {host[:100]!r} is not known ({error})") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _to(request: httpx2.Request, address: str) -> httpx2.Request:
    """Return a request that goes to an address; its host stays in the header and in TLS."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def _refused(thing: str, found: str, expected: str) -> RefusedError:
    return RefusedError(thing, found=found, expected=expected, mend=MEND)
