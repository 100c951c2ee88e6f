"""Place names made comparable: without accents, case, apostrophes and punctuation."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_APOSTROPHES = re.compile(r"['’‘`´]")
_OTHER = re.compile(r"[^0-9a-z]+")
_SAME = MappingProxyType({"saint": "st"})

FILLERS = frozenset(
    {"a", "and", "ar", "board", "borough", "care", "city", "council", "county", "district", "icb"}
    | {"integrated", "isle", "location", "nhs", "of", "on", "sub", "the", "upon", "y", "yr"}
)
"""Words that say little of which place is meant; they weigh less on both sides."""

WELSH_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "W06000001": "Ynys Môn",
        "W06000004": "Sir Ddinbych",
        "W06000005": "Sir y Fflint",
        "W06000006": "Wrecsam",
        "W06000008": "Sir Ceredigion",
        "W06000009": "Sir Benfro",
        "W06000010": "Sir Gaerfyrddin",
        "W06000011": "Abertawe",
        "W06000012": "Castell-nedd Port Talbot",
        "W06000013": "Pen-y-bont ar Ogwr",
        "W06000014": "Bro Morgannwg",
        "W06000015": "Caerdydd",
        "W06000018": "Caerffili",
        "W06000020": "Tor-faen",
        "W06000021": "Sir Fynwy",
        "W06000022": "Casnewydd",
        "W06000024": "Merthyr Tudful",
        "W92000004": "Cymru",
    }
)
"""Welsh names of Welsh authorities where they differ from the English ones (ONS register)."""


def plain(text: str) -> str:
    """Return a name for comparison: "Ynys Môn" gives "ynys mon", "King's" gives "kings"."""
    bare = text.casefold().replace("&", " and ")
    if not bare.isascii():  # Nearly all names are, and taking accents off is slow.
        folded = unicodedata.normalize("NFKD", bare)
        bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _OTHER.sub(" ", _APOSTROPHES.sub("", bare)).strip()


def words(text: str) -> tuple[str, ...]:
    """Return the words of a name, made comparable."""
    return tuple(_SAME.get(word, word) for word in plain(text).split())
