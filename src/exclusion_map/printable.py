"""Texts that every kind of file can hold: names that people type reach Word, PDF and pictures.

XML has no way to write most control characters, and marks that turn the direction of text around
make one name look like another.
"""

import re
from typing import Final

_BREAKS: Final = re.compile("[\u2028\u2029\u0085\x0b\x0c]")
_NEVER: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def printable(text: str) -> str:
    """Return a text without what no file can hold or nobody can see; unusual breaks are spaces."""
    return _NEVER.sub("", _BREAKS.sub(" ", text))
