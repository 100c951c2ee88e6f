"""Believe an ID token only if the provider signed it, for us, now, and for this very question."""

from dataclasses import dataclass, field
from typing import Any, Final

from exclusion_map.accounts.openid.faults import refused
from exclusion_map.accounts.openid.provider import Provider
from exclusion_map.accounts.tables import LONGEST_IDENTITY

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures with a key of the provider's alone: ``none`` and shared keys (HS256) are refused."""
LEEWAY_S: Final = 60
LONGEST_TOKEN: Final = 64_000


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a provider knows them.

    Attributes:
        issuer: the provider.
        subject: who it is there, for ever.
        email: their address, if the provider verified that it is theirs; else empty.
        name: as people read it; may be empty.
        proved_at: when they last showed the provider who they are, in Unix seconds; 0 if not told.
        claims: everything the token says.
    """

    issuer: str
    subject: str
    email: str = ""
    name: str = ""
    proved_at: float = 0.0
    claims: dict[str, Any] = field(default_factory=dict)


def identity_of(provider: Provider, client_id: str, raw: str, nonce: str) -> Identity:
    """Return who an ID token is of (OpenID Connect Core 1.0, section 3.1.3.7).

    Args:
        provider: that must have signed it.
        client_id: for whom it must be.
        raw: the token.
        nonce: that was sent with the question.

    Raises:
        RefusedByProviderError: any part of it is not as it must be; which is told.
        ProviderAwayError: the keys could not be read.
    """
    if len(raw) > LONGEST_TOKEN:
        raise refused("a token that is too long")
    claims = _signed(provider, raw)
    _check(claims, provider.issuer, client_id, nonce)
    subject = claims["sub"]
    if not 1 <= len(subject) <= LONGEST_IDENTITY:
        raise refused("a token of nobody")
    verified = claims.get("email_verified") in (True, "true")
    email, told = claims.get("email"), claims.get("auth_time")
    return Identity(
        issuer=provider.issuer,
        subject=subject,
        email=email if verified and isinstance(email, str) else "",
        name=claims["name"] if isinstance(claims.get("name"), str) else "",
        proved_at=float(told) if isinstance(told, int | float) else 0.0,
        claims=claims,
    )


def _signed(provider: Provider, raw: str) -> dict[str, Any]:
    # Imported here: most services have no provider.
    from joserfc.errors import InvalidKeyIdError, JoseError

    try:
        try:
            return _decoded(raw, provider.keys())
        except InvalidKeyIdError:
            # A key that was not there when the keys were read: the provider has changed them.
            return _decoded(raw, provider.keys(again=True))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refused(
            f"a token that is not signed as it must be ({type(error).__name__})"
        ) from None


def _decoded(raw: str, keys: dict[str, Any]) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    key_set = KeySet.import_key_set({"keys": keys["keys"]})
    return dict(jwt.decode(raw, key_set, algorithms=list(ALGORITHMS)).claims)


def _check(claims: dict[str, Any], issuer: str, client_id: str, nonce: str) -> None:
    from joserfc.errors import JoseError
    from joserfc.jwt import JWTClaimsRegistry

    registry = JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise refused(f"a token that cannot be taken ({error})") from None
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (others or "azp" in claims) and claims.get("azp") != client_id:
        raise refused("a token for another service")
