"""Opening hours as OpenStreetMap writes them: ``Mo-Fr 09:00-17:00; Sa 10:00-13:00; PH off``.

Only what a week can hold is read. Months, weeks of the year, sunrise, open ends and the nth weekday
of a month are refused as a whole: half of such a text would be wrong.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from exclusion_map.support.opening_hours import DAYS, Schedule, Spans, Week

DAY_LENGTH: Final = 24 * 60
SHORT: Final = dict(zip(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), DAYS, strict=True))
_HOLIDAYS: Final = {"PH": "Public holidays", "SH": "School holidays"}
_ITEM: Final = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_DAYS: Final = rf"{_ITEM}(?:\s*-\s*{_ITEM})?(?:\s*,\s*{_ITEM}(?:\s*-\s*{_ITEM})?)*"
_TIME: Final = r"\d{1,2}:\d{2}"
_SPAN: Final = re.compile(rf"({_TIME})\s*-\s*({_TIME})")
_SPANS: Final = rf"{_TIME}\s*-\s*{_TIME}(?:\s*,\s*{_TIME}\s*-\s*{_TIME})*"
_RULE: Final = re.compile(
    rf"(?:(?P<days>{_DAYS})\s*:?\s*)?(?P<what>24/7|{_SPANS}|off|closed)?(?:\s+open)?", re.IGNORECASE
)
_COMMENT: Final = re.compile(r'"([^"]*)"')
# A comma after a time begins another rule when a day follows; between days or times it lists.
_PARTS: Final = re.compile(rf"(;)|(?<=[\dfd]),\s*(?={_ITEM}\b)", re.IGNORECASE)

Minutes = list[tuple[int, int]]


def parse_osm(text: str) -> Week:
    """Return the week that a text in OpenStreetMap's style describes.

    A day that no rule names is closed, as the style has it. Rules for public and school holidays
    and comments become the note.

    Raises:
        ValueError: the text is something else, or says what a week cannot hold.
    """
    own: dict[str, Minutes] = {}
    notes: list[str] = []
    for rule, adds in _rules(text):
        comments = _COMMENT.findall(rule)
        bare = _COMMENT.sub("", rule).strip()
        found = _RULE.fullmatch(bare)
        if not found or not (found["what"] or (found["days"] and comments)):
            raise ValueError(f"{rule!r} is not weekly hours")
        if found["what"] is None:
            raise ValueError(f"{rule!r} names no hours")
        days, holidays = _named(found["days"])
        spans = _minutes(found["what"])
        notes += [f"{_HOLIDAYS[one]}: {_told(found['what'])}." for one in holidays]
        notes += [f"{bare}: {comment}." for comment in comments if comment]
        for day in days:
            own[day] = [*own.get(day, []), *spans] if adds else list(spans)
    if not own:
        raise ValueError(f"{text!r} names no days of a week")
    schedule = week_of({day: own.get(day, []) for day in DAYS})
    return Week(schedule, " ".join(dict.fromkeys(notes)))


def _rules(text: str) -> Iterable[tuple[str, bool]]:
    """Yield each rule, and whether it adds to those before it rather than taking their place."""
    at, adds = 0, False
    for match in _PARTS.finditer(text):
        if _inside_comment(text, match.start()):
            continue
        if rule := text[at : match.start()].strip():
            yield rule, adds
        at, adds = match.end(), match[1] is None
    if rule := text[at:].strip():
        yield rule, adds


def _inside_comment(text: str, at: int) -> bool:
    return text.count('"', 0, at) % 2 == 1


def _named(text: str | None) -> tuple[list[str], list[str]]:
    """Return the days of a selector, and the kinds of holiday; all days where there is none."""
    if text is None:
        return list(DAYS), []
    days: list[str] = []
    holidays: list[str] = []
    for item in text.split(","):
        ends = [part.strip().capitalize() for part in item.split("-")]
        if ends[0].upper() in _HOLIDAYS:
            if len(ends) > 1:
                raise ValueError(f"{item!r} is not a range of days")
            holidays.append(ends[0].upper())
            continue
        if ends[-1] not in SHORT:
            raise ValueError(f"{item!r} is not a range of days")
        days += between(SHORT[ends[0]], SHORT[ends[-1]])
    return list(dict.fromkeys(days)), holidays


def between(first: str, last: str) -> list[str]:
    """Return the days from one to another, over the end of the week where need be."""
    start, stop = DAYS.index(first), DAYS.index(last)
    length = (stop - start) % 7 + 1
    return [DAYS[(start + step) % 7] for step in range(length)]


def _minutes(what: str) -> Minutes:
    low = what.lower()
    if low in ("off", "closed"):
        return []
    if low == "24/7":
        return [(0, DAY_LENGTH)]
    return [span_of(_minute(a), _minute(b)) for a, b in _SPAN.findall(what)]


def _minute(time: str) -> int:
    hour, minute = (int(part) for part in time.split(":"))
    if minute > 59 or hour > 48:
        raise ValueError(f"{time!r} is no time")
    return hour * 60 + minute


def span_of(opens: int, closes: int) -> tuple[int, int]:
    """Return a span in minutes of the day it begins on; it may end on the next.

    Raises:
        ValueError: it begins after the day ends, or is longer than a day.
    """
    if closes <= opens:
        closes += DAY_LENGTH
    if opens >= DAY_LENGTH or closes - opens > DAY_LENGTH or closes > 2 * DAY_LENGTH:
        raise ValueError("a span longer than a day")
    return opens, closes


def week_of(own: Mapping[str, Sequence[tuple[int, int]]], *, strict: bool = False) -> Schedule:
    """Return a schedule from spans in minutes; what goes on after midnight is the next day's.

    Args:
        own: spans by the day they begin on; a day that is not there is not known.
        strict: refuse spans that overlap, rather than join them.

    Raises:
        ValueError: spans overlap.
    """
    days: dict[str, Minutes] = {day: [] for day in own}
    for day, spans in own.items():
        for opens, closes in spans:
            days[day].append((opens, min(closes, DAY_LENGTH)))
            if closes > DAY_LENGTH:
                after = DAYS[(DAYS.index(day) + 1) % 7]
                days.setdefault(after, []).append((0, closes - DAY_LENGTH))
    return {day: _joined(days[day], strict=strict) for day in DAYS if day in days}


def _joined(spans: Minutes, *, strict: bool) -> Spans:
    joined: Minutes = []
    for opens, closes in sorted(spans):
        if joined and opens < joined[-1][1] and strict:
            raise ValueError("spans that overlap")
        if joined and opens <= joined[-1][1] and not strict:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return [[_clock(opens), _clock(closes)] for opens, closes in joined]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _told(what: str) -> str:
    return "closed" if what.lower() in ("off", "closed") else what


def format_osm(schedule: Schedule) -> str:
    """Return a schedule in OpenStreetMap's style; days that are not known are not named.

    The style takes a day that is not named for closed: write whole weeks.
    """
    names = {day: short for short, day in SHORT.items()}
    groups: list[tuple[list[str], Spans]] = []
    for day in DAYS:
        if day not in schedule:
            continue
        follows = groups and DAYS.index(groups[-1][0][-1]) == DAYS.index(day) - 1
        if follows and groups[-1][1] == schedule[day]:
            groups[-1][0].append(day)
        else:
            groups.append(([day], schedule[day]))
    rules = []
    for days, spans in groups:
        ends = dict.fromkeys((names[days[0]], names[days[-1]]))
        times = ",".join(f"{opens}-{closes}" for opens, closes in spans) or "off"
        rules.append(f"{'-'.join(ends)} {times}")
    return "; ".join(rules)
