"""Settings of accounts, and of signing in with a provider of OpenID Connect."""

from ipaddress import ip_address, ip_network
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from exclusion_map.settings_base import config

SHORTEST_KEY = 32


class AccountSettings(BaseSettings):
    """How people sign in, for how long, how often they may ask, and which proxies are believed."""

    model_config = config()

    session_idle_hours: float = Field(
        0.5, gt=0, le=24 * 30, description="Hours of inactivity after which a session ends."
    )
    session_days: float = Field(
        0.5, gt=0, le=90, description="Days after which a session ends even if it is in use."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of proxies, separated by commas; X-Forwarded-For and "
        "X-Forwarded-Proto are trusted only from these.",
    )
    password_sign_in: bool = Field(
        True,
        description="Whether people may sign in with a password; false leaves only the OpenID "
        "Connect provider.",
    )
    session_proof_minutes: float = Field(
        15.0,
        gt=0,
        le=24 * 60,
        description="Minutes after signing in or confirming your identity during which accounts, "
        "passwords and tokens may be changed.",
    )
    requests_per_minute: int = Field(
        0,
        ge=0,
        description="Most requests to pages and API per minute from one client or account, "
        "counted across all processes; 0 means no limit. Each counted request costs "
        "one database write.",
    )
    hsts_seconds: int = Field(
        0,
        ge=0,
        description="Seconds for which browsers are told to use HTTPS only "
        "(Strict-Transport-Security); sent over HTTPS only. A year is 31536000.",
    )
    hsts_subdomains: bool = Field(
        False,
        description="Whether Strict-Transport-Security also covers subdomains (includeSubDomains).",
    )
    second_factor: Literal["off", "offered", "admin", "moderator", "contributor", "viewer"] = Field(
        "admin",
        description="One-time codes from an authenticator app in addition to the password: "
        "`off`, `offered`, or the lowest role that must use them. People who have "
        "set them up are always asked for one.",
    )
    secret_keys: SecretStr = Field(
        SecretStr(""),
        description="Secrets of 32 characters or more, separated by commas and newest first. The "
        "newest is used to hash passwords and to encrypt authenticator keys. If empty, the key "
        "file is used. PostgreSQL needs one or the other.",
    )
    secret_key_file: str = Field(
        "",
        description="File with that secret, created once and readable only by its owner. If empty, "
        "it is next to the SQLite database, with `.key` added to its name.",
    )
    second_factor_keys: SecretStr = Field(
        SecretStr(""),
        description="Earlier name of `EXCLUSION_MAP_SECRET_KEYS`; its values come after those.",
    )
    breached_passwords: str = Field(
        "",
        description="Sorted file of SHA-1 digests of breached passwords, as published by Have I "
        "Been Pwned; passwords in it are refused.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            ip_network(part, strict=False)
        return value

    @field_validator("secret_keys", "second_factor_keys")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        given = [part.strip() for part in value.get_secret_value().split(",")]
        if any(given) and min(map(len, given)) < SHORTEST_KEY:
            raise ValueError(f"secrets of at least {SHORTEST_KEY} characters, with commas")
        return value


class OpenIdSettings(BaseSettings):
    """The provider of OpenID Connect that people may sign in with; none without an issuer."""

    model_config = config()

    openid_issuer: str = Field(
        "",
        description="Issuer address of the OpenID Connect provider, exactly as the provider "
        "states it; if empty, OpenID Connect is off.",
    )
    openid_client_id: str = Field("", description="Client id of this service at the provider.")
    openid_client_secret: SecretStr = Field(
        SecretStr(""),
        description="Client secret of this service at the provider; empty for a public client.",
    )
    openid_name: str = Field(
        "your organisation", description="Name of the organisation on the sign-in button."
    )
    openid_hosts: str = Field(
        "",
        description="Further hosts, separated by commas, that serve the provider's keys and "
        "tokens; if empty, only the issuer's host is used.",
    )
    openid_scopes: str = Field(
        "openid email profile", description="Scopes to request from the provider."
    )
    openid_role_claim: str = Field(
        "",
        description="Claim that gives people a role without an invitation; if empty, people need "
        "an invitation.",
    )
    openid_roles: str = Field(
        "", description="Roles by value of that claim, such as editors=contributor,leads=moderator."
    )

    @field_validator("openid_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.scheme == "http" and _is_loopback(parts.hostname or "")
        if value and (not (parts.scheme == "https" or plain) or not parts.hostname):
            raise ValueError("an https address, or http on this machine alone")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("an address without query, fragment and name")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.openid_issuer and not self.openid_client_id:
            raise ValueError("EXCLUSION_MAP_OPENID_CLIENT_ID, as there is an issuer")
        if bool(self.openid_role_claim) != bool(self.openid_roles):
            raise ValueError("both of a claim of roles and what its values mean, or neither")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
