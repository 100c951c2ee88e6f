"""What pydantic expected of a value, in words for people: "at least 1", "a whole number"."""

import re
from collections.abc import Mapping
from typing import Any, Final

_WORDS: Final = (
    (re.compile(r"^Input should be "), ""),
    (re.compile(r"^greater than or equal to "), "at least "),
    (re.compile(r"^less than or equal to "), "at most "),
    (re.compile(r"^greater than "), "more than "),
    (re.compile(r"^a valid (integer|decimal|number)\b.*"), r"a valid \1"),
    (re.compile(r"^a valid integer$"), "a whole number"),
    (re.compile(r"^a valid (decimal|number)$"), "a number"),
)


def expected_of(fault: Mapping[str, Any]) -> str:
    """Return what one fault that pydantic tells of expected.

    Args:
        fault: as ``ValidationError.errors()`` lists it.
    """
    text = str(fault["msg"])
    for pattern, instead in _WORDS:
        text = pattern.sub(instead, text)
    return text
