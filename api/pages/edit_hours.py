"""Hours as people type them, a field a day: "9am to 5pm", "9:00-12:30, 13:30-17:00", "closed"."""

from typing import Final

from exclusion_map.directory.importing.hours import read_day
from exclusion_map.support.opening_hours import Spans, in_words

HINT: Final = (
    "For example, 9am to 5pm, or 9:00-12:30 and 13:30-17:00. Write closed, or leave it empty."
)


def day_words(spans: Spans | None) -> str:
    """Return the hours of a day as the form shows them; empty where they are not known."""
    return "" if spans is None else in_words({"mon": spans})[0][1]


def parse_day_words(text: str) -> Spans | None:
    """Return the hours of a day as a person typed them; None for an empty text.

    Raises:
        ValueError: it is no hours, or could mean two things.
    """
    bare = " ".join(text.split())
    return read_day(bare) if bare else None
