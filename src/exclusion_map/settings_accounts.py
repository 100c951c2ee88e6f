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
        12.0, gt=0, le=24 * 30, description="Hours without use after which a session ends."
    )
    session_days: float = Field(
        7.0, gt=0, le=90, description="Days after which a session ends in any case."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of proxies, with commas; only their forwarded headers "
        "(X-Forwarded-For, X-Forwarded-Proto) are believed.",
    )
    password_sign_in: bool = Field(
        True,
        description="Whether people may sign in with a password; `false` leaves the provider of "
        "OpenID Connect alone.",
    )
    session_proof_minutes: float = Field(
        15.0,
        gt=0,
        le=24 * 60,
        description="Minutes after signing in, or after showing again who one is, that accounts, "
        "passwords and tokens may be changed.",
    )
    requests_per_minute: int = Field(
        0,
        ge=0,
        description="Most requests to pages and API of one client, or one account, in a minute, "
        "all processes together; 0 sets no limit. Each then costs a write.",
    )
    hsts_seconds: int = Field(
        0,
        ge=0,
        description="Seconds for which browsers are told to come by https alone "
        "(Strict-Transport-Security); sent over https alone. A year is 31536000.",
    )
    hsts_subdomains: bool = Field(
        False,
        description="Whether that holds for all hosts below this one too (includeSubDomains).",
    )
    second_factor: Literal["off", "offered", "admin", "moderator", "contributor", "viewer"] = Field(
        "offered",
        description="One-time codes of an app beside the password: `off`, `offered`, or the lowest "
        "role that must have them. Who has set them up is asked in every case.",
    )
    second_factor_keys: SecretStr = Field(
        SecretStr(""),
        description="Secrets of 32 characters or more, with commas, the newest first, by which "
        "the keys of those apps are encrypted in the database; empty leaves them readable there.",
    )
    breached_passwords: str = Field(
        "",
        description="File of SHA-1 digests of breached passwords in order, as Have I Been Pwned "
        "gives out; passwords in it are refused.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            ip_network(part, strict=False)
        return value

    @field_validator("second_factor_keys")
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
        "", description="Address of the provider of OpenID Connect, as it names itself; or empty."
    )
    openid_client_id: str = Field("", description="What the provider calls this service.")
    openid_client_secret: SecretStr = Field(
        SecretStr(""), description="Secret that the provider gave this service; or empty."
    )
    openid_name: str = Field(
        "your organisation", description="Whose sign-in it is, as the button tells it."
    )
    openid_hosts: str = Field(
        "",
        description="More hosts, with commas, at which the provider has its keys and tokens; "
        "otherwise only the host of the issuer is asked.",
    )
    openid_scopes: str = Field(
        "openid email profile", description="What the provider is asked for."
    )
    openid_role_claim: str = Field(
        "", description="Claim that gives people a role without an invitation; or empty."
    )
    openid_roles: str = Field(
        "", description="What values of that claim mean: editors=contributor, leads=moderator."
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
