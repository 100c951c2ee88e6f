"""Numbers and dates as pages show them: the words are those of reports and every other output."""

from exclusion_map.areas.words import (
    NO_DATA,
    about,
    count,
    day,
    decimal,
    distance,
    known,
    listed,
    lower_first,
    moment,
    percent,
    plural,
    upper_first,
)

__all__ = [
    "NO_DATA",
    "about",
    "count",
    "day",
    "decimal",
    "distance",
    "known",
    "listed",
    "lower_first",
    "moment",
    "percent",
    "plural",
    "upper_first",
]
