"""Believe a provider that somebody signed out there (OpenID Connect Back-Channel Logout 1.0)."""

from dataclasses import dataclass
from typing import Any, Final

from exclusion_map.accounts.openid.faults import refused
from exclusion_map.accounts.openid.provider import Provider
from exclusion_map.accounts.openid.tokens import LEEWAY_S, expect_claims, signed_claims
from exclusion_map.accounts.tables import LONGEST_IDENTITY

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_LIFE_S: Final = 3_600
"""Words are remembered until they end, so that none is taken twice: none may last for ever."""


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Somebody who signed out at a provider.

    Attributes:
        issuer: the provider.
        subject: who; empty where the session alone is told.
        session: which of their sessions there; empty for all of them.
        word: the id of this word; it is taken once.
        until: when it ends, in Unix seconds.
    """

    issuer: str
    subject: str
    session: str
    word: str
    until: float


def signed_out_of(provider: Provider, client_id: str, raw: str) -> SignedOut:
    """Return who a logout token is of (section 2.6 of the standard, all of its checks).

    Args:
        provider: that must have signed it.
        client_id: for whom it must be.
        raw: the token.

    Raises:
        RefusedByProviderError: any part of it is not as it must be; which is told.
        ProviderAwayError: the keys could not be read.
    """
    claims = signed_claims(provider, raw)
    expect_claims(claims, provider.issuer, client_id, jti={"essential": True})
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise refused("a token that is not about signing out")
    if "nonce" in claims:
        # An ID token must never pass as a word about signing out.
        raise refused("a token that is for signing in")
    if claims["exp"] - claims["iat"] > LONGEST_LIFE_S + LEEWAY_S:
        raise refused("a token that lasts too long")
    subject, session, word = (_text(claims, name) for name in ("sub", "sid", "jti"))
    if not word or not (subject or session):
        raise refused("a token of nobody")
    return SignedOut(provider.issuer, subject, session, word, float(claims["exp"]) + LEEWAY_S)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST_IDENTITY:
        raise refused(f"a token whose {name} cannot be")
    return value
