"""Opening hours in a cell, in whatever style, as one weekly schedule; or as a note, untouched."""

import json
import re
from collections.abc import Mapping

from exclusion_map.directory.importing.osm_hours import parse_osm, week_of
from exclusion_map.directory.importing.spoken_hours import parse_spans, parse_spoken
from exclusion_map.support.opening_hours import DAY_NAMES, DAYS, Schedule, Spans, Week, parse_day

_NOTHING = frozenset(
    [
        "n/a",
        "na",
        "-",
        "none",
        "unknown",
        "not known",
        "tbc",
        "tba",
        "?",
        "see website",
        "not stated",
        "not relevant",
    ]
)
_OSM_DAY = re.compile(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su)\b|^24/7$", re.IGNORECASE)


def read_hours(text: str, *, others_closed: bool = False) -> Week:
    """Return the week that a cell describes.

    OpenStreetMap's style, JSON as this service writes it, and plain English are understood. What
    cannot be understood whole becomes the note as it stands, and one of ``problems``.

    Args:
        text: the cell.
        others_closed: take days that plain English does not name for closed; else they are not
            known. In OpenStreetMap's style they are closed in any case.
    """
    bare = " ".join(text.split())
    if not bare or bare.casefold().rstrip(".") in _NOTHING:
        return Week()
    if bare.startswith("{"):
        return _from_json(bare)
    if _OSM_DAY.search(bare):
        try:
            return parse_osm(bare)
        except ValueError:
            pass
    try:
        return parse_spoken(bare, others_closed=others_closed)
    except (ValueError, KeyError):
        return Week(note=bare, problems=(bare,))


def read_days(cells: Mapping[str, str], *, others_closed: bool = False) -> Week:
    """Return the week that seven cells describe, by day ("mon" to "sun").

    Args:
        cells: text of each day; empty where nothing is said.
        others_closed: take a day without text for closed where others have hours.
    """
    schedule: Schedule = {}
    problems = []
    for day in DAYS:
        text = " ".join(cells.get(day, "").split())
        if not text or text.casefold().rstrip(".") in _NOTHING - {"-", "none"}:
            continue
        try:
            schedule[day] = read_day(text)
        except ValueError:
            problems.append(f"{DAY_NAMES[day]} {text}")
    note = "; ".join(problems)
    if not schedule:
        return Week(note=note, problems=tuple(problems))
    if others_closed:
        said = {day for day in DAYS if cells.get(day, "").strip()}
        schedule |= {day: [] for day in DAYS if day not in said}
    ordered = {day: schedule[day] for day in DAYS if day in schedule}
    return Week(ordered, note, tuple(problems))


def read_day(text: str) -> Spans:
    """Return the spans of one day's cell.

    Raises:
        ValueError: it is not understood, or goes on after midnight.
    """
    if text.casefold() in ("-", "none", "x", "off", "closed all day", "no"):
        return []
    try:
        return parse_day(text.replace("–", "-"))
    except ValueError:
        spans = parse_spans(text)
    if any(closes > 24 * 60 for _, closes in spans):
        raise ValueError(f"{text!r} goes on after midnight")
    return week_of({"mon": spans}, strict=True)["mon"]


def _from_json(text: str) -> Week:
    try:
        plain = json.loads(text)
        schedule = {
            day: [[str(opens), str(closes)] for opens, closes in plain[day]]
            for day in DAYS
            if day in plain
        }
        checked = {
            day: parse_day(",".join(f"{a}-{b}" for a, b in spans) or "closed")
            for day, spans in schedule.items()
        }
    except (ValueError, TypeError, KeyError, RecursionError):
        return Week(note=text, problems=(text,))
    return (
        Week(checked) if checked and set(plain) <= set(DAYS) else Week(note=text, problems=(text,))
    )
