"""Choose places and services of a snapshot: by kind, support, hours, cost, language, access."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.listing import ACCESSIBILITY
from exclusion_map.directory.snapshot import (
    COSTS,
    DAY_MINUTES,
    FEATURES,
    Rows,
    Snapshot,
    bits_of,
    keys_of,
    week_minute,
)
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.errors import InvalidRequestError
from exclusion_map.support.distance import metres, unit_vectors
from exclusion_map.support.opening_hours import DAY_NAMES, DAYS

Mask = npt.NDArray[np.bool_]
LONDON = ZoneInfo("Europe/London")
NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is looked for; what is left out does not matter.

    A service fits when all that is said of services fits it: support, cost, language and hours are
    those of one service, not of several at the same place.

    Attributes:
        kinds: kinds of place, any of them.
        support: terms of support, all of them.
        stated: only support that somebody stated for the place, not what is usual for its kind.
        open_at: minute of the week at which it is open; places of unknown hours do not fit.
        free: known to be free.
        language: ISO 639 code.
        access: features of accessibility, all of them.
        words: each begins a word of the name of the place.
    """

    kinds: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    stated: bool = False
    open_at: int | None = None
    free: bool = False
    language: str = ""
    access: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, given, known in (
            ("kind", self.kinds, taxonomy(PLACES).term_keys),
            ("support", self.support, taxonomy(SUPPORT).term_keys),
            ("access", self.access, tuple(ACCESSIBILITY)),
        ):
            unknown = [each for each in given if each not in known]
            if unknown:
                raise InvalidRequestError(
                    name, found=repr(unknown[0]), expected=f"one of {', '.join(known)}"
                )

    @property
    def of_services(self) -> bool:
        """Whether anything is said of services."""
        return bool(self.support or self.open_at is not None or self.free or self.language)


def parse_open(text: str, moment: datetime | None = None) -> int | None:
    """Return the minute of the week of ``now`` or ``mon-10:30``; None of an empty text.

    Args:
        text: as people and addresses say it; ``now`` is the time in the United Kingdom.
        moment: what ``now`` means.

    Raises:
        InvalidRequestError: it is neither.
    """
    asked = text.strip().lower()
    if not asked:
        return None
    if asked == NOW:
        here = (moment or datetime.now(LONDON)).astimezone(LONDON)
        return here.weekday() * DAY_MINUTES + here.hour * 60 + here.minute
    day, _, time = asked.partition("-")
    hour, colon, minute = time.partition(":")
    plain = hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and len(hour) <= 2
    if day in DAYS and colon and plain and int(hour) < 24 and int(minute) < 60:
        return week_minute(day, f"{int(hour):02}:{minute}")
    raise InvalidRequestError(
        "open", found=repr(text), expected="now, or a day and a time such as mon-10:30"
    )


def open_text(minute: int) -> str:
    """Return the minute of a week as addresses say it: ``mon-10:30``."""
    return f"{DAYS[minute // DAY_MINUTES]}-{minute % DAY_MINUTES // 60:02}:{minute % 60:02}"


def open_words(minute: int) -> str:
    """Return the minute of a week as people say it: ``Monday at 10:30``."""
    day, time = open_text(minute).split("-")
    return f"{DAY_NAMES[day]} at {time}"


def offers_matching(snapshot: Snapshot, choice: Choice) -> Mask:
    """Return which offers fit, by what is said of services alone, shape (offers,)."""
    fits = np.ones(len(snapshot.offer_ids), dtype=bool)
    if choice.support:
        wanted = np.uint64(bits_of(choice.support, taxonomy(SUPPORT).term_keys))
        has = snapshot.stated if choice.stated else snapshot.stated | snapshot.usual
        fits &= has & wanted == wanted
    if choice.free:
        fits &= snapshot.cost == COSTS.index("free")
    if choice.language:
        bit = bits_of([choice.language], snapshot.languages)
        fits &= (snapshot.language & np.uint64(bit)) != 0
    if choice.open_at is not None:
        fits &= open_offers(snapshot, choice.open_at)
    return fits


def open_offers(snapshot: Snapshot, minute: int) -> Mask:
    """Return which offers are open at a minute of the week, shape (offers,)."""
    is_open = np.zeros(len(snapshot.offer_ids), dtype=bool)
    spans = (snapshot.opens <= minute) & (minute < snapshot.closes)
    is_open[snapshot.span_offer[spans]] = True
    return is_open


def select_places(snapshot: Snapshot, choice: Choice) -> Rows:
    """Return the rows of the places that fit, in the order of names."""
    fits = np.ones(len(snapshot), dtype=bool)
    if choice.kinds:
        keys = taxonomy(PLACES).term_keys
        fits &= np.isin(snapshot.kind, [keys.index(kind) for kind in choice.kinds])
    if choice.access:
        wanted = np.uint64(bits_of(choice.access, FEATURES))
        fits &= snapshot.access & wanted == wanted
    if choice.of_services:
        some = np.zeros(len(snapshot), dtype=bool)
        some[snapshot.place[offers_matching(snapshot, choice)]] = True
        fits &= some
    rows = np.flatnonzero(fits)
    if not choice.words:
        return rows
    wanted_words = [word.casefold() for word in choice.words]
    named = [row for row in rows.tolist() if _says(snapshot.names[row], wanted_words)]
    return np.array(named, dtype=np.int64)


def _says(name: str, words: list[str]) -> bool:
    said = name.casefold().replace("-", " ").split()
    return all(any(one.startswith(word) for one in said) for word in words)


def nearest_first(
    snapshot: Snapshot, rows: Rows, longitude: float, latitude: float, within_m: float
) -> tuple[Rows, npt.NDArray[np.float64]]:
    """Return those of the rows within metres of a point, nearest first, and how far they are."""
    here = unit_vectors(np.array([longitude]), np.array([latitude]))
    away = metres(snapshot.points[rows], here)
    close = np.flatnonzero(away <= within_m)
    order = close[np.argsort(away[close], kind="stable")]
    return rows[order], away[order]


def within_bounds(
    snapshot: Snapshot, rows: Rows, bounds: tuple[float, float, float, float]
) -> Rows:
    """Return those of the rows inside west, south, east, north."""
    west, south, east, north = bounds
    x, y = snapshot.longitude[rows], snapshot.latitude[rows]
    return rows[(x >= west) & (x <= east) & (y >= south) & (y <= north)]


def hours_unknown(snapshot: Snapshot, choice: Choice) -> Rows:
    """Return places that fit but for hours that nobody knows: they may be open too."""
    if choice.open_at is None:
        return np.empty(0, dtype=np.int64)
    known = np.zeros(len(snapshot.offer_ids), dtype=bool)
    known[snapshot.span_offer] = True
    some = np.zeros(len(snapshot), dtype=bool)
    some[snapshot.place[known]] = True
    rows = select_places(snapshot, replace(choice, open_at=None))
    return rows[~some[rows]]


def support_at(snapshot: Snapshot, row: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the terms stated for a place, and those that are only usual for its kind."""
    first, last = np.searchsorted(snapshot.place, [row, row + 1])
    stated = int(np.bitwise_or.reduce(snapshot.stated[first:last], initial=0))
    usual = int(np.bitwise_or.reduce(snapshot.usual[first:last], initial=0)) & ~stated
    terms = taxonomy(SUPPORT).term_keys
    return keys_of(stated, terms), keys_of(usual, terms)
