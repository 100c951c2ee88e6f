"""The way to the provider and back: authorization code, PKCE (S256), state, nonce.

All three secrets of a question come from one random secret that only the browser holds which began
(a cookie), by HMAC: nothing is stored, and an answer that comes back in another browser, or to
another question, fits none.
"""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from exclusion_map.accounts.openid.faults import away, refused
from exclusion_map.accounts.openid.logout import SignedOut, signed_out_of
from exclusion_map.accounts.openid.provider import Provider
from exclusion_map.accounts.openid.tokens import LEEWAY_S, Identity, identity_of
from exclusion_map.settings import OpenIdSettings

AT_ONCE: Final = 8
"""More waiting for a slow provider would take the threads that answer everybody else."""
FRESH_S: Final = 300
LONGEST_CODE: Final = 4_000


@dataclass(frozen=True, slots=True)
class Flow:
    """One question to a provider, told by its secret."""

    secret: str

    @property
    def state(self) -> str:
        """What the answer must bring back."""
        return self._made("state")

    @property
    def nonce(self) -> str:
        """What the token must hold."""
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        """What shows that who takes the code is who asked for it (RFC 7636)."""
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        """The verifier's digest, which goes ahead."""
        return _plain(hashlib.sha256(self.verifier.encode()).digest())

    def _made(self, what: str) -> str:
        return _plain(hmac.digest(self.secret.encode(), f"openid {what}".encode(), "sha256"))


class OpenId:
    """Signing in with the provider of the settings."""

    def __init__(self, settings: OpenIdSettings) -> None:
        self._settings = settings
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self.provider = Provider(settings)

    @property
    def name(self) -> str:
        """Whose sign-in it is."""
        return self._settings.openid_name

    def address(self, flow: Flow, back: str, *, fresh: bool = False) -> str:
        """Return where the browser goes to be asked.

        Args:
            flow: the question.
            back: where it comes back to, as the provider knows it.
            fresh: whether people must show anew who they are, though the provider knows them.

        Raises:
            ProviderAwayError: the provider does not answer.
        """
        asked = {
            "response_type": "code",
            "client_id": self._settings.openid_client_id,
            "redirect_uri": back,
            "scope": self._settings.openid_scopes,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if fresh else {}),
        }
        with self._turn():
            base = str(self.provider.facts()["authorization_endpoint"])
        return f"{base}{'&' if '?' in base else '?'}{urlencode(asked)}"

    def finish(
        self, flow: Flow, back: str, *, state: str, code: str, issuer: str = "", fresh: bool = False
    ) -> Identity:
        """Return who somebody is that came back.

        Args:
            flow: the question that this browser asked.
            back: where it came back to.
            state: as it came back.
            code: as it came back.
            issuer: who answered, where the answer tells (RFC 9207).
            fresh: whether people had to show anew who they are.

        Raises:
            RefusedByProviderError: the answer does not fit the question.
            ProviderAwayError: the provider does not answer.
        """
        if not hmac.compare_digest(state.encode(), flow.state.encode()):
            raise refused("an answer to a question that this browser did not ask")
        if not 1 <= len(code) <= LONGEST_CODE:
            raise refused("an answer without a code")
        with self._turn():
            found = self._found(flow, back, code, issuer)
        if fresh and time.time() - found.proved_at > FRESH_S + LEEWAY_S:
            raise refused("nobody who showed just now who they are")
        return found

    def signed_out(self, raw: str) -> SignedOut:
        """Return who signed out at the provider, as it says itself.

        Raises:
            RefusedByProviderError: the word is not the provider's, or not such a one.
            ProviderAwayError: the provider does not answer.
        """
        with self._turn():
            return signed_out_of(self.provider, self._settings.openid_client_id, raw)

    def _found(self, flow: Flow, back: str, code: str, issuer: str) -> Identity:
        facts = self.provider.facts()
        told = bool(issuer) or facts.get("authorization_response_iss_parameter_supported") is True
        if told and issuer != self.provider.issuer:
            raise refused("an answer of another provider")
        answer = self._tokens(facts, flow, back, code)
        raw = answer.get("id_token")
        if not isinstance(raw, str):
            raise refused("an answer without a token")
        return identity_of(self.provider, self._settings.openid_client_id, raw, flow.nonce)

    def _tokens(self, facts: dict[str, Any], flow: Flow, back: str, code: str) -> dict[str, Any]:
        name, secret = self._settings.openid_client_id, self._settings.openid_client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": flow.verifier,
        }
        ways = facts.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        in_header = "client_secret_basic" in ways
        password = secret.get_secret_value()
        if not (password and in_header):
            form |= {"client_id": name, **({"client_secret": password} if password else {})}
        # RFC 6749, 2.3.1: both are encoded as in a form before they go into the header.
        held = (quote(name, safe=""), quote(password, safe=""))
        in_use = held if password and in_header else None
        return self.provider.web.post(str(facts["token_endpoint"]), form, in_use)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(blocking=False):
            raise away("too many people who sign in at this moment")
        try:
            yield
        finally:
            self._turns.release()


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
