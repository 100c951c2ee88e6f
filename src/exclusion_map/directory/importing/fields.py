"""What a column of a list can be, and the headings that lists give it; declared in fields.toml."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from exclusion_map.directory.listing import ACCESSIBILITY
from exclusion_map.directory.terms import SUPPORT, taxonomy
from exclusion_map.support.opening_hours import DAY_NAMES

TERM, FEATURE, DAY = "support.", "accessibility.", "hours."
"""Before the fields of one kind of support, of one feature of access, and of one day's hours."""
DECLARED: Final = Path(__file__).with_name("fields.toml")
_OFFERED, _HOURS = "What is offered", "Opening hours"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MARKS = re.compile(r"[^\w]+|_+")


class ImportField(BaseModel):
    """Something a listing says, that a column can fill.

    Attributes:
        key: its short name, as mappings use it.
        title: what people read.
        help: one sentence.
        headings: that lists give it, without punctuation, the most usual first.
        group: under which a form shows it.
        many: whether several columns can fill it, one after another.
        looks: name of the test that its values pass; empty where any text will do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    help: str
    headings: tuple[str, ...]
    group: str
    many: bool = False
    looks: str = ""


class _Declared(BaseModel):
    """What the file holds: fields, and headings of ticks by kind of support and by feature."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: tuple[ImportField, ...]
    support: dict[str, tuple[str, ...]]
    accessibility: dict[str, tuple[str, ...]]


def words_of(heading: str) -> str:
    """Return a heading as it is compared: small letters, words set apart by one space."""
    return " ".join(_MARKS.sub(" ", _CAMEL.sub(" ", heading)).casefold().split())


def _all() -> Iterator[ImportField]:
    with DECLARED.open("rb") as file:
        declared = _Declared.model_validate(tomllib.load(file))
    yield from declared.fields
    terms = {term.key: term.name for term in taxonomy(SUPPORT).terms}
    yield from _ticks(TERM, terms, declared.support)
    yield from _ticks(FEATURE, ACCESSIBILITY, declared.accessibility)
    for day, title in DAY_NAMES.items():
        yield ImportField(
            key=DAY + day,
            title=title,
            help="Hours of that day: '09:00-17:00', '9am to 5pm', 'closed'.",
            headings=_once(_day_headings(day, title.casefold())),
            group=_HOURS,
            looks="day",
        )


def _ticks(
    prefix: str, titles: Mapping[str, str], headings: Mapping[str, tuple[str, ...]]
) -> Iterator[ImportField]:
    for key, title in titles.items():
        yield ImportField(
            key=prefix + key,
            title=title,
            help="yes or no, a tick, or 1 and 0.",
            headings=_once((words_of(title), *headings.get(key, ()))),
            group=_OFFERED,
            looks="tick",
        )


def _day_headings(day: str, low: str) -> Iterator[str]:
    """Yield monday, mon, mo, monday hours, opening times monday and the like."""
    yield from (low, day, f"{day} hours", low[:4], low[:2], f"{low}s")
    for words in ("hours", "opening hours", "opening times"):
        yield from (f"{low} {words}", f"{words} {low}")


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


FIELDS: Final[dict[str, ImportField]] = {field.key: field for field in _all()}
"""Every field by its key, in the order that forms show them."""


@cache
def by_heading() -> dict[str, str]:
    """Return the field of each known heading; the first field that names it has it."""
    found: dict[str, str] = {}
    for field in FIELDS.values():
        for heading in (*field.headings, words_of(field.key)):
            found.setdefault(heading, field.key)
    return found


def known_heading(text: str) -> bool:
    """Whether a cell is a heading that lists are known to have."""
    return words_of(text) in by_heading()
