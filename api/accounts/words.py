"""Words that the pages of accounts share."""

from exclusion_map.accounts import Role
from exclusion_map.accounts.passwords import SHORTEST
from exclusion_map.errors import InvalidRequestError, TooManyRequestsError

PASSWORD_HINT = (
    f"At least {SHORTEST} characters. Three or four words that do not belong together are good; "
    "you can paste from a password manager."
)

WRONG_CODE = "That code is not right, or was used before. Wait for the next one and try again."

WRONG_KEY = "That did not work: the key is not one of yours, or it took too long. Try again."


def too_many(error: TooManyRequestsError, field: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a form says to somebody who tried too often, and the headers beside it."""
    wait = int(error.wait_s) + 1
    words = f"Too many tries. Try again in {wait} seconds."
    return {field: words}, {"Retry-After": str(wait)}


def fault_of(error: InvalidRequestError, field: str = "") -> dict[str, str]:
    """Return what is wrong as a form shows it: words by field."""
    name = field or error.thing.split()[0]
    words = f"{error.thing.capitalize()}: found {error.found}; expected {error.expected}."
    return {name: words}


def role_options(highest: Role) -> list[tuple[str, str]]:
    """Return the roles up to one, as a form offers them."""
    return [(role.value, f"{role.value}: {role.words}") for role in Role.up_to(highest)]
