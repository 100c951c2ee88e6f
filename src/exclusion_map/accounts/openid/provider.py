"""A provider: where it has what, and the keys it signs with, remembered for a while."""

import threading
import time
from typing import Any, Final
from urllib.parse import urlsplit

from exclusion_map.accounts.openid.faults import away
from exclusion_map.accounts.openid.web import ProviderWeb
from exclusion_map.settings import OpenIdSettings

KEPT_S: Final = 3600.0
KEYS_AGAIN_S: Final = 20.0
"""An unknown key makes the keys be read anew, no more often than this: anybody can name one."""
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Provider:
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    def __init__(self, settings: OpenIdSettings) -> None:
        self.issuer = settings.openid_issuer
        self.web = ProviderWeb(self.issuer, settings.openid_hosts)
        self._lock = threading.Lock()
        self._facts: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, dict[str, Any]] | None = None
        self._looked_again = -KEYS_AGAIN_S

    def facts(self) -> dict[str, Any]:
        """Return the provider's document.

        Raises:
            ProviderAwayError: there is none, it is of another issuer, or it lacks something.
        """
        with self._lock:
            if self._facts is None or time.monotonic() - self._facts[0] > KEPT_S:
                self._facts = (time.monotonic(), self._discovered())
            return self._facts[1]

    def keys(self, *, again: bool = False) -> dict[str, Any]:
        """Return the provider's keys as a JSON Web Key Set: those that sign, none that are shared.

        Args:
            again: read them anew, unless that was done a moment ago.

        Raises:
            ProviderAwayError: there are none.
        """
        address = str(self.facts()["jwks_uri"])
        with self._lock:
            moment = time.monotonic()
            stale = self._keys is None or moment - self._keys[0] > KEPT_S
            if again and moment - self._looked_again > KEYS_AGAIN_S:
                stale, self._looked_again = True, moment
            if stale or self._keys is None:
                self._keys = (moment, _signing(self.web.get(address)))
            return self._keys[1]

    @property
    def known_end(self) -> str:
        """Where people sign out of the provider; empty where it has not said so yet, or at all."""
        found = str(self._facts[1].get("end_session_endpoint", "")) if self._facts else ""
        return found if self._may_be_shown(found) else ""

    def _discovered(self) -> dict[str, Any]:
        found = self.web.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise away("a document of another issuer")
        if not all(isinstance(found.get(name), str) for name in _NEEDED):
            raise away("a document that lacks addresses")
        if not self._may_be_shown(found["authorization_endpoint"]):
            raise away("an address to sign in at that is not https")
        return found

    def _may_be_shown(self, address: str) -> bool:
        """Whether people may be sent to an address: https, as the issuer has it."""
        parts = urlsplit(address)
        return parts.scheme == urlsplit(self.issuer).scheme and bool(parts.hostname)


def _signing(found: dict[str, Any]) -> dict[str, Any]:
    listed = found.get("keys")
    keys = [
        key
        for key in (listed if isinstance(listed, list) else [])
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC") and key.get("use") != "enc"
    ]
    if not keys:
        raise away("no keys that sign")
    return {"keys": keys}
