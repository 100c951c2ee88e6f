"""Which places may stand in an address: it is logged on its way, and kept by browsers."""

from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.footprint.places import is_postcode


def has_postcode(where: str) -> bool:
    """Return whether a list of places has a whole postcode, which may be somebody's home.

    Raises:
        InvalidRequestError: the list has a quotation mark without an end.
    """
    return any(is_postcode(entry) for entry in entries_of(where))


def check_address(where: str, instead: str = "Send postcodes with POST, or with the form.") -> None:
    """Refuse postcodes in an address.

    Args:
        where: a list of places.
        instead: what to do, in a sentence.

    Raises:
        InvalidRequestError: it has one, or a quotation mark without an end.
    """
    if has_postcode(where):
        raise InvalidRequestError(
            "places in the address",
            found="a postcode",
            expected="codes or names of areas, or codes of GP practices",
            mend="A postcode may be somebody's home, and addresses are logged on their way. "
            + instead,
        )
