"""Errors of the domain. Each says what thing, what was found, what was expected, how to mend it.

Nothing here knows of HTTP; ``api/errors.py`` holds the one table that maps these to statuses.
"""

MOST_CHARACTERS = {"thing": 300, "found": 1_500, "expected": 3_000, "mend": 3_000}
"""What was found is often what somebody sent: an error says where it begins, not all of it."""


class ExclusionMapError(Exception):
    """Anything this project refuses to do, said so that a person can act on it.

    Args:
        thing: what the error is about (a file, a field, an area, an address).
        found: what was there.
        expected: what should have been there.
        mend: what to do about it.
    """

    def __init__(self, thing: str, *, found: str, expected: str, mend: str = "") -> None:
        self.thing = _short(thing, MOST_CHARACTERS["thing"])
        self.found = _short(found, MOST_CHARACTERS["found"])
        self.expected = _short(expected, MOST_CHARACTERS["expected"])
        self.mend = _short(mend, MOST_CHARACTERS["mend"])
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole error as one line of text."""
        text = f"{self.thing}: found {self.found}; expected {self.expected}."
        return f"{text} {self.mend}" if self.mend else text


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 2]} …"


class SettingsError(ExclusionMapError):
    """A setting in the environment cannot be used."""


class CatalogueError(ExclusionMapError):
    """A declaration in the catalogue is wrong or missing."""


class DefinitionError(ExclusionMapError):
    """An index definition or a base cannot be used."""


class SourceError(ExclusionMapError):
    """A raw file is absent, damaged, or not in the layout its source declares."""


class SourceMissingError(SourceError):
    """A raw file that a build needs is not there."""


class FetchError(SourceError):
    """A publisher could not be reached or served something other than the data."""


class GeographyError(ExclusionMapError):
    """Area codes, lookups or boundaries do not fit together."""


class ContractError(ExclusionMapError):
    """A table breaks its contract: ranges, denominators, coverage, keys."""


class EditionError(ExclusionMapError):
    """An edition cannot be published or opened."""


class DatabaseError(ExclusionMapError):
    """The database cannot be opened, or is not of this version."""


class DatabaseAwayError(DatabaseError):
    """The database does not answer now; it can be tried again, and nothing was changed."""


class ConflictError(ExclusionMapError):
    """Somebody else changed the same thing first."""


class NotFoundError(ExclusionMapError):
    """Something the caller named does not exist in this edition."""


class InvalidRequestError(ExclusionMapError):
    """A request asks for something that cannot be."""


class TooLargeError(InvalidRequestError):
    """What somebody sent is larger than is taken."""


class UnsupportedBodyError(InvalidRequestError):
    """What somebody sent is of another kind than is taken."""


class BusyError(ExclusionMapError):
    """So much is being worked on that more is sent away; ``wait_s`` says for how long, seconds."""

    def __init__(
        self, thing: str, *, found: str, expected: str, mend: str = "", wait_s: float = 20.0
    ) -> None:
        super().__init__(thing, found=found, expected=expected, mend=mend)
        self.wait_s = wait_s


class NotSignedInError(ExclusionMapError):
    """Nobody is signed in, or not with the right password or token."""


class ForbiddenError(ExclusionMapError):
    """A person may not do that, or the request does not come from a page of ours."""


class TooManyRequestsError(ExclusionMapError):
    """Somebody asks too often; ``wait_s`` says how long to wait, in seconds."""

    def __init__(
        self, thing: str, *, found: str, expected: str, mend: str = "", wait_s: float
    ) -> None:
        super().__init__(thing, found=found, expected=expected, mend=mend)
        self.wait_s = wait_s
