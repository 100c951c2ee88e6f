"""Email addresses as the names that people sign in by."""

import re
import unicodedata

from exclusion_map.accounts.tables import LONGEST_EMAIL
from exclusion_map.errors import InvalidRequestError

_PATTERN = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]+\.[^\s@.]{2,}")


def normalised(email: str) -> str:
    """Return an address in the one form it is kept in, so that nobody has two accounts by case."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def checked_email(email: str) -> str:
    """Return a normalised address.

    Raises:
        InvalidRequestError: it cannot be an address.
    """
    tidy = normalised(email)
    possible = len(tidy) <= LONGEST_EMAIL and tidy.isprintable() and ".." not in tidy
    if not possible or not _PATTERN.fullmatch(tidy):
        raise InvalidRequestError(
            "email address",
            found=repr(email[:60]),
            expected="an address such as name@example.org",
        )
    return tidy
