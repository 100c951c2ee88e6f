"""Domain errors. Each names the thing, what was found, what was expected and how to fix it.

These classes are independent of HTTP; ``api/errors.py`` maps them to status codes.
"""

MOST_CHARACTERS = {"thing": 300, "found": 1_500, "expected": 3_000, "mend": 3_000}
"""Maximum length of each part. What was found is often user input, so it is shortened."""


class ExclusionMapError(Exception):
    """Base class of all expected errors, with a message that helps the reader to fix the cause.

    Args:
        thing: what the error is about (a file, a field, an area, an address).
        found: what was there.
        expected: what should have been there.
        mend: how to fix it.
    """

    def __init__(self, thing: str, *, found: str, expected: str, mend: str = "") -> None:
        self.thing = _short(thing, MOST_CHARACTERS["thing"])
        self.found = _short(found, MOST_CHARACTERS["found"])
        self.expected = _short(expected, MOST_CHARACTERS["expected"])
        self.mend = _short(mend, MOST_CHARACTERS["mend"])
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The complete error as one line of text."""
        text = f"{self.thing}: found {self.found}; expected {self.expected}."
        return f"{text} {self.mend}" if self.mend else text


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 2]} …"


class SettingsError(ExclusionMapError):
    """A setting in the environment is invalid."""


class CatalogueError(ExclusionMapError):
    """A declaration in the catalogue is wrong or missing."""


class DefinitionError(ExclusionMapError):
    """An index definition or a base is invalid."""


class SourceError(ExclusionMapError):
    """A raw file is missing, damaged, or not in the layout declared by its source."""


class SourceMissingError(SourceError):
    """A raw file that a build needs is missing."""


class FetchError(SourceError):
    """A publisher could not be reached or served something other than the data."""


class GeographyError(ExclusionMapError):
    """Area codes, lookups or boundaries are inconsistent."""


class ContractError(ExclusionMapError):
    """A table violates its contract: ranges, denominators, coverage or keys."""


class EditionError(ExclusionMapError):
    """An edition cannot be published or opened."""


class DatabaseError(ExclusionMapError):
    """The database cannot be opened, or has the schema of another version."""


class DatabaseAwayError(DatabaseError):
    """The database does not respond at present. Nothing was changed; the request can be retried."""


class ConflictError(ExclusionMapError):
    """Somebody else changed the same thing first."""


class NotFoundError(ExclusionMapError):
    """Something the caller named does not exist in this edition."""


class InvalidRequestError(ExclusionMapError):
    """A request is invalid."""


class TooLargeError(InvalidRequestError):
    """The request body is larger than allowed."""


class UnsupportedBodyError(InvalidRequestError):
    """The request body is of an unsupported type."""


class BusyError(ExclusionMapError):
    """The service is overloaded; retry after ``wait_s`` seconds."""

    def __init__(
        self, thing: str, *, found: str, expected: str, mend: str = "", wait_s: float = 20.0
    ) -> None:
        super().__init__(thing, found=found, expected=expected, mend=mend)
        self.wait_s = wait_s


class NotSignedInError(ExclusionMapError):
    """Nobody is signed in, or the password or token is wrong."""


class ForbiddenError(ExclusionMapError):
    """The person lacks permission, or the request does not come from one of the service's pages."""


class TooManyRequestsError(ExclusionMapError):
    """Too many requests from one client; retry after ``wait_s`` seconds."""

    def __init__(
        self, thing: str, *, found: str, expected: str, mend: str = "", wait_s: float
    ) -> None:
        super().__init__(thing, found=found, expected=expected, mend=mend)
        self.wait_s = wait_s
