"""Names that people choose, as histories and lists show them to others."""

from exclusion_map.accounts.tables import LONGEST_NAME
from exclusion_map.errors import InvalidRequestError
from exclusion_map.printable import printable


def tidied(name: str) -> str:
    """Return a name on one line, without signs that nobody sees or that turn text around.

    With those, one name could look like another, and PostgreSQL keeps no text that holds NUL.
    """
    return " ".join(printable(name).split())


def checked_name(name: str, what: str = "name", why: str = "as others shall read it") -> str:
    """Return the tidied name of a person, or of what else people name.

    Args:
        name: as typed.
        what: what is named, for the error.
        why: what the characters are for, for the error.

    Raises:
        InvalidRequestError: nothing is left of it, or it is too long.
    """
    tidy = tidied(name)
    if not 1 <= len(tidy) <= LONGEST_NAME:
        raise InvalidRequestError(
            what,
            found=f"{len(tidy)} characters",
            expected=f"1 to {LONGEST_NAME} characters, {why}",
        )
    return tidy
