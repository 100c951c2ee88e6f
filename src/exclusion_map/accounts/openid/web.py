"""What is asked of a provider: only its own hosts, little at a time, not for long.

Addresses of keys and tokens come from a document of the provider. They must be at the host of the
issuer or at one that is named in the settings: nobody reaches the network of the service by them.
Redirects are not followed.
"""

import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from exclusion_map.accounts.openid.faults import away, refused

LARGEST: Final = 512_000
TIMEOUT_S: Final = 5.0
LONGEST_S: Final = 10.0


class ProviderWeb:
    """A client of one provider.

    Args:
        issuer: its address.
        hosts: more hosts of it, each with its port where that is not the usual one.
    """

    def __init__(self, issuer: str, hosts: str = "") -> None:
        self._scheme = urlsplit(issuer).scheme
        named = {host.strip().lower() for host in hosts.split(",") if host.strip()}
        self._hosts = {urlsplit(issuer).netloc.lower(), *named}

    def get(self, address: str, token: str = "") -> dict[str, Any]:
        """Return the JSON at an address.

        Raises:
            ProviderAwayError: there is none, or the address is not the provider's.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._ask("GET", address, headers=headers)

    def post(
        self, address: str, form: Mapping[str, str], secret: tuple[str, str] | None
    ) -> dict[str, Any]:
        """Return the JSON that answers a form.

        Args:
            address: of the provider.
            form: what is sent.
            secret: name and password of this service, where it sends them in a header.

        Raises:
            ProviderAwayError: there is none, or the address is not the provider's.
            RefusedByProviderError: the provider does not take what is sent.
        """
        return self._ask("POST", address, data=dict(form), auth=secret)

    def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        # Imported here: most services have no provider, and start sooner without.
        import httpx2

        from exclusion_map.sources.web import certificates

        self._expect_own(address)
        until = time.monotonic() + LONGEST_S
        try:
            with (
                httpx2.Client(
                    verify=certificates(),
                    timeout=TIMEOUT_S,
                    follow_redirects=False,
                    trust_env=False,
                ) as client,
                client.stream(method, address, **more) as answer,
            ):
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > LARGEST or time.monotonic() > until:
                        raise away("an answer too long or too slow")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise away(f"no answer ({type(error).__name__})") from error
        if method == "POST" and answer.status_code == httpx2.codes.BAD_REQUEST:
            raise refused("a code that the provider does not take, or no more")
        if answer.status_code != httpx2.codes.OK:
            raise away(f"status {answer.status_code} of {urlsplit(address).path[:100]}")
        return _object(body)

    def _expect_own(self, address: str) -> None:
        try:
            parts = urlsplit(address)
            own = parts.netloc.lower() in self._hosts and parts.scheme == self._scheme
        except (ValueError, AttributeError):
            own = False
        if not own:
            raise away("an address of another host, which EXCLUSION_MAP_OPENID_HOSTS does not name")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise away("an answer that is no JSON object")
    return found
