"""Numbers and dates as pages and reports show them, with words for what is not known."""

import math
from datetime import date, datetime
from typing import Final

from exclusion_map.areas import phrases

NO_DATA: Final = "no data"

listed = phrases.listed
lower_first = phrases.lower_first


def known(number: float | None) -> bool:
    """Whether there is a number at all."""
    return number is not None and not math.isnan(number)


def about(number: float | None) -> str:
    """Return a count of people as a round figure: 1,643 gives "about 1,600"."""
    return phrases.about(number) if number is not None and known(number) else NO_DATA


def count(number: float | None) -> str:
    """Return a whole number with thousands separators."""
    return f"{number:,.0f}" if known(number) else NO_DATA


def decimal(number: float | None, places: int = 1) -> str:
    """Return a number with a fixed count of decimals."""
    return f"{number:,.{places}f}" if known(number) else NO_DATA


def percent(number: float | None) -> str:
    """Return a whole percentage that does not reach 0 or 100 by rounding alone."""
    return phrases.value_text(number, "percent") if number is not None else NO_DATA


def distance(metres: float | None) -> str:
    """Return a distance in metres below 1 km, else in kilometres: "600 m", "2.4 km"."""
    return phrases.distance(metres) if metres is not None and known(metres) else NO_DATA


def day(value: date | datetime | str) -> str:
    """Return a date in words: "21 March 2021"; text that is not a date comes back as it is."""
    try:
        known = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return f"{known.day} {known:%B %Y}"


def moment(value: datetime) -> str:
    """Return a moment in words, in UTC: "21 March 2021, 09:05"."""
    return f"{day(value)}, {value:%H:%M}"


def upper_first(text: str) -> str:
    """Return text with its first letter in upper case and the rest as it was."""
    return text[:1].upper() + text[1:]


def plural(number: float, one: str, many: str | None = None) -> str:
    """Return "1 library" or "3 libraries"."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"
