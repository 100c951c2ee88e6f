"""Settings of the mail server that tells people of changes to their sign-in."""

from email.utils import parseaddr
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from exclusion_map.settings_base import config


class MailSettings(BaseSettings):
    """Through which server mail goes out; none is sent without a host."""

    model_config = config()

    smtp_host: str = Field("", description="Mail server; if empty, no email is sent.")
    smtp_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port of the mail server; 0 means 465 for `tls`, otherwise 587.",
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="Encryption of the connection: `starttls`, `tls` from the start, or `none`, "
        "which is accepted only for a server on this machine.",
    )
    smtp_user: str = Field("", description="User name for the mail server; empty for none.")
    smtp_password_file: str = Field(
        "", description="File that contains the password for the mail server."
    )
    smtp_sender: str = Field("", description="Sender of email: `Exclusion Map <map@example.org>`.")
    smtp_timeout_s: float = Field(
        10.0, gt=0, le=300, description="Seconds to wait for the mail server."
    )

    @field_validator("smtp_sender")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and ("@" not in parseaddr(value)[1] or not value.isprintable()):
            raise ValueError("an email address, with a name or without")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.smtp_host and not self.smtp_sender:
            raise ValueError("EXCLUSION_MAP_SMTP_SENDER, as there is a mail server")
        if bool(self.smtp_user) != bool(self.smtp_password_file):
            raise ValueError("both of a name and a file with its password, or neither")
        here = self.smtp_host in ("localhost", "127.0.0.1", "::1")
        if self.smtp_host and self.smtp_security == "none" and not here:
            raise ValueError("starttls or tls for a mail server on another machine")
        return self

    @property
    def port(self) -> int:
        """The port that is used."""
        return self.smtp_port or (465 if self.smtp_security == "tls" else 587)
