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
        session: what the provider calls its own session with them; empty if it does not tell.
        claims: everything the token says.
    """

    issuer: str
    subject: str
    email: str = ""
    name: str = ""
    proved_at: float = 0.0
    session: str = ""
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
    claims = signed_claims(provider, raw)
    _check(claims, provider.issuer, client_id, nonce)
    subject = claims["sub"]
    if not 1 <= len(subject) <= LONGEST_IDENTITY:
        raise refused("a token of nobody")
    verified = claims.get("email_verified") in (True, "true")
    email, told, sid = claims.get("email"), claims.get("auth_time"), claims.get("sid")
    return Identity(
        issuer=provider.issuer,
        subject=subject,
        email=email if verified and isinstance(email, str) else "",
        name=claims["name"] if isinstance(claims.get("name"), str) else "",
        proved_at=float(told) if isinstance(told, int | float) else 0.0,
        session=sid if isinstance(sid, str) and len(sid) <= LONGEST_IDENTITY else "",
        claims=claims,
    )


def signed_claims(provider: Provider, raw: str) -> dict[str, Any]:
    """Return what a token says that the provider signed, whatever it is for.

    Raises:
        RefusedByProviderError: it did not sign it.
        ProviderAwayError: the keys could not be read.
    """
    if len(raw) > LONGEST_TOKEN:
        raise refused("a token that is too long")
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


def expect_claims(
    claims: dict[str, Any], issuer: str, client_id: str, **more: dict[str, Any]
) -> None:
    """Refuse a token of another issuer, for another service, or not of now.

    Args:
        claims: of the token.
        issuer: that it must be of.
        client_id: for whom it must be.
        more: what else it must say, as the claims registry of the library takes it.

    Raises:
        RefusedByProviderError: something is not as it must be; which is told.
    """
    from joserfc.errors import JoseError
    from joserfc.jwt import JWTClaimsRegistry

    registry = JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        **more,  # type: ignore[arg-type]
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise refused(f"a token that cannot be taken ({error})") from None


def _check(claims: dict[str, Any], issuer: str, client_id: str, nonce: str) -> None:
    asked = {"essential": True, "value": nonce}
    expect_claims(claims, issuer, client_id, sub={"essential": True}, nonce=asked)
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (others or "azp" in claims) and claims.get("azp") != client_id:
        raise refused("a token for another service")
