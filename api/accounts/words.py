"""Words that the pages of accounts share."""

from exclusion_map.accounts import Role
from exclusion_map.accounts.passwords import SHORTEST
from exclusion_map.errors import InvalidRequestError

PASSWORD_HINT = (
    f"At least {SHORTEST} characters. Three or four words that do not belong together are good; "
    "you can paste from a password manager."
)


def fault_of(error: InvalidRequestError, field: str = "") -> dict[str, str]:
    """Return what is wrong as a form shows it: words by field."""
    name = field or error.thing.split()[0]
    words = f"{error.thing.capitalize()}: found {error.found}; expected {error.expected}."
    return {name: words}


def role_options(highest: Role) -> list[tuple[str, str]]:
    """Return the roles up to one, as a form offers them."""
    return [(role.value, f"{role.value}: {role.words}") for role in Role.up_to(highest)]
