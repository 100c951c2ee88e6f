"""Who does something, as the audit log notes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something.

    Attributes:
        id: of the account; empty for the command line and for people who are not signed in.
        name: as people read it.
        request_id: of the request, to find it in the logs.
    """

    id: str
    name: str
    request_id: str = ""


COMMAND_LINE = Actor("", "command line")
NOBODY = Actor("", "nobody signed in")
