"""Tables of accounts. Secrets are kept as digests alone: who reads the database cannot sign in."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from exclusion_map.accounts.roles import Role
from exclusion_map.database import Base

LONGEST_NAME = 100
LONGEST_EMAIL = 254
LONGEST_IDENTITY = 255
LONGEST_SEALED = 400
LONGEST_CREDENTIAL = 1_364
"""The 1,023 bytes that WebAuthn allows, in base64url."""
LONGEST_PUBLIC_KEY = 2_000
LONGEST_HOST = 253
DIGEST = 64
"""Length of a SHA-256 digest in hexadecimal."""
ACTIVE, DISABLED = "active", "disabled"
JOIN, RESET = "join", "reset"

_ROLES = ", ".join(f"'{role.value}'" for role in Role)


class Account(Base):
    """A person who can sign in."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        CheckConstraint(f"state IN ('{ACTIVE}', '{DISABLED}')", name="state"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(20), default=ACTIVE)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class Invitation(Base):
    """A link that works once: to make an account, or to set the password of one anew."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint(f"role IN ({_ROLES})", name="role"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), index=True)
    role: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccountSession(Base):
    """One browser that is signed in, and the provider that vouched for it, if one did."""

    __tablename__ = "account_session"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    client: Mapped[str] = mapped_column(String(100))
    proved_at: Mapped[datetime | None]
    issuer: Mapped[str | None] = mapped_column(String(LONGEST_IDENTITY))
    provider_session: Mapped[str | None] = mapped_column(String(LONGEST_IDENTITY))


class SecondFactor(Base):
    """The key that an account shares with an app of one-time codes; in use once it is confirmed.

    ``last_step``: of the last code that was taken; none of it or before is taken again.
    """

    __tablename__ = "second_factor"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(LONGEST_SEALED))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for app or key once. Its id is the salt of the digest."""

    __tablename__ = "recovery_code"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(DIGEST))
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A security key or passkey: the public half alone, and how often it signed as far as we know.

    ``rp_id``: the host it signs for. ``synced``: its maker keeps copies on other devices.
    """

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(LONGEST_CREDENTIAL), unique=True)
    public_key: Mapped[str] = mapped_column(String(LONGEST_PUBLIC_KEY))
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    transports: Mapped[str] = mapped_column(String(100))
    rp_id: Mapped[str] = mapped_column(String(LONGEST_HOST))
    synced: Mapped[bool]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a key was asked to sign: by digest, for one browser and purpose, for some minutes."""

    __tablename__ = "passkey_challenge"

    key: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    bound_to: Mapped[str] = mapped_column(String(DIGEST))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInWaiting(Base):
    """A browser that showed the password and not yet the second factor."""

    __tablename__ = "sign_in_waiting"

    token_hash: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UsedLogout(Base):
    """A word of a provider that somebody signed out there; each is taken once."""

    __tablename__ = "used_logout"

    key: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AccountIdentity(Base):
    """Who an account is at a provider of OpenID Connect: issuer and subject, never an address.

    ``managed``: the account was made by a claim of the provider, and its role follows that.
    """

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("account_id", "issuer"),)

    issuer: Mapped[str] = mapped_column(String(LONGEST_IDENTITY), primary_key=True)
    subject: Mapped[str] = mapped_column(String(LONGEST_IDENTITY), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    managed: Mapped[bool]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]


class ApiToken(Base):
    """A token with which a program acts for a person."""

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint(f"role IN ({_ROLES})", name="role"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempts(Base):
    """How often signing in failed lately: for an account, a client, or both together."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    wait_until: Mapped[datetime]


class RateBucket(Base):
    """How much of a limit somebody has used: the moment, in Unix seconds, when none of it is."""

    __tablename__ = "rate_bucket"

    key: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    full_at: Mapped[float] = mapped_column(Double, index=True)


class KnownClient(Base):
    """A browser that signed in to an account before: guessing by others does not hold it up."""

    __tablename__ = "known_client"

    token_hash: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    used_at: Mapped[datetime]


class Audit(Base):
    """What somebody did with accounts. Rows are only added: triggers of the database refuse more.

    ``who`` is the id of an account, or a word for the command line or nobody known; no address,
    no name of a client.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(36))
    by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    what: Mapped[str] = mapped_column(String(60))
    on: Mapped[str] = mapped_column(String(100))
    detail: Mapped[str] = mapped_column(String(300))
    request_id: Mapped[str] = mapped_column(String(36))
