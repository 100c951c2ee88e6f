"""What mail says: plain text, with the name of the person and nothing else that is personal.

No message holds a secret but the link of an invitation, and none asks anybody to type a password
by a link: people know the address of the service.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

SERVICE: Final = "Exclusion Map"
_NOT_YOU: Final = (
    "If this was you, there is nothing to do. If it was not, tell an admin of the service at once."
)

NOTED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "password changed": ("your password was changed", "Your password was changed"),
        "password set by link": (
            "your password was changed",
            "Your password was set anew by a link",
        ),
        "second factor set up": (
            "sign-in codes were set up",
            "Codes of an app were set up for your account",
        ),
        "second factor switched off": (
            "sign-in codes were switched off",
            "The second factor of your account was switched off",
        ),
        "second factor reset": (
            "your second factor was taken off",
            "An admin took the second factor off your account",
        ),
        "recovery codes made anew": (
            "new recovery codes",
            "Recovery codes of your account were made anew; those before work no longer",
        ),
        "recovery code used": (
            "a recovery code was used",
            "A recovery code was used to sign in to your account",
        ),
        "key registered": ("a key was added", "A key to sign in with was added to your account"),
        "key removed": ("a key was removed", "A key was removed from your account"),
        "key refused, its counter went back": (
            "a key was refused",
            "A key of your account was refused, because there may be a copy of it",
        ),
        "sign-in by provider connected": (
            "another way to sign in was connected",
            "The sign-in of an organisation was connected to your account",
        ),
        "token made": ("an API token was made", "An API token was made for your account"),
    }
)
"""What people are told of by mail, by the words of the audit log: subject and first sentence."""


@dataclass(frozen=True, slots=True)
class Message:
    """A subject and a text."""

    subject: str
    text: str


def changed(what: str, name: str, at: datetime, base: str) -> Message:
    """Return what somebody is told of a change to their sign-in.

    Args:
        what: as the audit log has it; one of `NOTED`.
        name: of the person.
        at: when.
        base: address of the service; empty where it is not set.
    """
    subject, said = NOTED[what]
    return _message(subject, name, f"{said} at {_moment(at)}.\n\n{_NOT_YOU}", base)


def guessed(name: str, at: datetime, base: str) -> Message:
    """Return what somebody is told whose password or codes are being guessed."""
    words = (
        f"Somebody tried to sign in to your account several times without success, until "
        f"{_moment(at)}. Further tries have to wait, and more each time. You are not locked out: "
        "in a browser that you have signed in with before, you need not wait for them.\n\n"
        "If this was you, there is nothing to do. If it was not, your password was not found out "
        "by this; if you use it elsewhere too, change it."
    )
    return _message("tries to sign in to your account", name, words, base)


def token_ends(name: str, token: str, at: datetime, base: str) -> Message:
    """Return what somebody is told whose API token ends soon."""
    words = (
        f"Your API token “{token}” ends at {_moment(at)}. Programs that use it can do nothing "
        "after that. If you still need it, make a new one on the page of your account."
    )
    return _message("an API token ends soon", name, words, base)


def invited(link: str, role: str, until: datetime) -> Message:
    """Return what somebody is told who is invited; the link is in it."""
    words = (
        f"Hello,\n\nyou are invited to {SERVICE} as {role}. Make your account with this link:\n\n"
        f"{link}\n\nIt works once, until {_moment(until)}. Do not pass it on: whoever opens it "
        "first has the account. If you do not expect this, leave it alone.\n"
    )
    return Message(f"{SERVICE}: you are invited", words)


def _message(subject: str, name: str, words: str, base: str) -> Message:
    where = f" ({base})" if base else ""
    text = f"Hello {name},\n\n{words}\n\nThis message is about your account of {SERVICE}{where}.\n"
    return Message(f"{SERVICE}: {subject}", text)


def _moment(at: datetime) -> str:
    return f"{at:%H:%M} UTC on {at.day} {at:%B %Y}"
