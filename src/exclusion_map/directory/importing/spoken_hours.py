"""Opening hours as people write them: ``Mon - Fri 9am to 5.30pm, Sat 10 - 1``.

Every word has to be understood, or nothing is: a text that says more than days and times ("term
time only", "by appointment") is left to people.
"""

import re
from dataclasses import dataclass
from typing import Final

from exclusion_map.directory.importing.osm_hours import (
    DAY_LENGTH,
    Minutes,
    between,
    span_of,
    week_of,
)
from exclusion_map.support.opening_hours import DAYS, Week

_NOON: Final = 12 * 60
_RUNS: Final = re.compile(r"(\s)\s+")
"""A pattern that may begin with white space anywhere takes the square of its length."""
_HOLIDAYS: Final = re.compile(
    r"[(,;.]?\s*(?:and\s+)?(?:closed|not open|except(?:ing)?|excluding|excl\.?)(?: on)?(?: all)?"
    r" (?:bank|public) hol(?:iday|s|idays)\b\.?\)?"
)
_TOKEN: Final = re.compile(
    r"""
    (?P<full>24\s*/\s*7|(?:open\s+)?24\s+hours(?:\s+a\s+day)?)
    |(?P<time>\d{1,2}(?:[:.]\d{2})?\s*(?:am|pm|a\.m\.?|p\.m\.?|noon|midday|midnight)?(?![\w:])
             |\d{4}(?!\d)|noon|midday|midnight)
    |(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:s|day|days|sday|sdays|nesday|nesdays|rsday|rsdays|
             urday|urdays|r|rs|nes|n|t)?\b
    |(?P<group>every\s*day|daily|7\s+days(?:\s+a\s+week)?|seven\s+days(?:\s+a\s+week)?
              |weekdays?|weekends?)
    |(?P<closed>closed|shut|not\s+open)
    |(?P<to>-|to\b|until\b|till\b|through\b)
    |(?P<and>,|&|/|\+|and\b)
    |(?P<stop>[;:.|\n]|\bfrom\b|\bbetween\b|\bopen(?:ing)?(?:\s+(?:hours|times))?\b|\bhours\b)
    """,
    re.VERBOSE,
)
_GROUPS: Final = {"weekday": DAYS[:5], "weekend": DAYS[5:]}
_WELSH_DAYS: Final = {
    "llun": "mon",
    "mawrth": "tue",
    "mercher": "wed",
    "iau": "thu",
    "gwener": "fri",
    "sadwrn": "sat",
    "sul": "sun",
}
_WELSH_WORDS: Final = {"ar gau": "closed", "hyd": "to", "tan": "to", "i": "to", "ac?": "and"}
_DASHES: Final = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "\xa0": " "})
_LATEST: Final = 8 * 60
"""Hours after midnight beyond this are a slip for hours of the day."""
_AM, _PM, _BARE = "am", "pm", ""


@dataclass(frozen=True, slots=True)
class _Time:
    hour: int
    minute: int
    half: str
    exact: bool
    """Written with 24 hours in mind: 09:00, 17.30, 1700."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _in_english(low: str) -> str:
    """Return a text in small letters with the words of Welsh lists in English."""
    if not any(re.search(rf"\b{day}\b", low) for day in _WELSH_DAYS):
        return low
    for welsh, english in (_WELSH_DAYS | _WELSH_WORDS).items():
        low = re.sub(rf"\b(?:dydd |dyddiau )?{welsh}\b", english, low)
    return low


def parse_spoken(text: str, *, others_closed: bool = False) -> Week:
    """Return the week that a text describes.

    Args:
        text: days and times in words or figures.
        others_closed: take days that are not named for closed; else they are not known.

    Raises:
        ValueError: there is anything in it that is not understood.
    """
    low = _in_english(text.translate(_DASHES).lower())
    bare, holidays = _HOLIDAYS.subn(" ", _RUNS.sub(r"\1", low))
    groups = _groups(_tokens(bare))
    if len(groups) == 1 and groups[0] == ("times", [(0, DAY_LENGTH)]) and "24" in bare:
        groups = [("days", list(DAYS)), *groups]
    own: dict[str, Minutes] = {}
    for days, spans in _pairs(groups):
        for day in days:
            if day in own and not (own[day] and spans):
                raise ValueError(f"{text!r} says two things of one day")
            own[day] = [*own.get(day, []), *spans]
    if not any(own.values()):
        raise ValueError(f"{text!r} has no hours")
    if others_closed:
        own = {day: own.get(day, []) for day in DAYS}
    note = "Closed on bank holidays." if holidays else ""
    return Week(week_of(own, strict=True), note)


def parse_spans(text: str) -> Minutes:
    """Return the spans of one day's text, in minutes: ``9am to 1pm and 2pm to 5pm``, ``closed``.

    Raises:
        ValueError: it is not understood.
    """
    groups = _groups(_tokens(text.translate(_DASHES).lower()))
    if len(groups) != 1 or groups[0][0] != "times":
        raise ValueError(f"{text!r} is not the hours of a day")
    spans: Minutes = groups[0][1]
    return spans


def _tokens(text: str) -> list[_Token]:
    tokens = []
    at = 0
    while at < len(text):
        if text[at] in " \t\r()[]":
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"{text[at : at + 20]!r} is not understood")
        tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def _groups(tokens: list[_Token]) -> list[tuple[str, list]]:  # type: ignore[type-arg]
    """Return runs of days and runs of times, in turn, as they stand in the text."""
    groups: list[tuple[str, list]] = []  # type: ignore[type-arg]
    at = 0
    while at < len(tokens):
        kind = tokens[at].kind
        if kind in ("and", "stop"):
            at += 1
        elif kind in ("day", "group"):
            days, at = _days(tokens, at)
            _extend(groups, "days", days)
        elif kind in ("time", "full", "closed"):
            spans, at = _span(tokens, at)
            _extend(groups, "times", spans)
        else:
            raise ValueError(f"{tokens[at].text!r} stands alone")
    return groups


def _extend(groups: list[tuple[str, list]], kind: str, items: list) -> None:  # type: ignore[type-arg]
    if groups and groups[-1][0] == kind:
        groups[-1][1].extend(items)
    else:
        groups.append((kind, list(items)))


def _pairs(groups: list[tuple[str, list]]) -> list[tuple[list[str], Minutes]]:  # type: ignore[type-arg]
    """Return days with their times, whichever come first.

    Raises:
        ValueError: some have no counterpart.
    """
    if len(groups) % 2:
        raise ValueError("days without times, or times without days")
    pairs = []
    for first, second in zip(groups[::2], groups[1::2], strict=True):
        days, times = (first, second) if first[0] == "days" else (second, first)
        pairs.append((list(dict.fromkeys(days[1])), list(times[1])))
    return pairs


def _days(tokens: list[_Token], at: int) -> tuple[list[str], int]:
    """Return a day, a range of days or a group of them, and where to go on."""
    token = tokens[at]
    if token.kind == "group":
        named = next((days for word, days in _GROUPS.items() if token.text.startswith(word)), DAYS)
        return list(named), at + 1
    ranged = at + 2 < len(tokens) and tokens[at + 1].kind == "to" and tokens[at + 2].kind == "day"
    if ranged:
        return between(token.text, tokens[at + 2].text), at + 3
    return [token.text], at + 1


def _span(tokens: list[_Token], at: int) -> tuple[Minutes, int]:
    token = tokens[at]
    if token.kind == "closed":
        return [], at + 1
    if token.kind == "full":
        return [(0, DAY_LENGTH)], at + 1
    ends = at + 2 < len(tokens) and tokens[at + 1].kind == "to" and tokens[at + 2].kind == "time"
    between_and = (
        at > 0
        and tokens[at - 1].text == "between"
        and at + 2 < len(tokens)
        and tokens[at + 1].text == "and"
        and tokens[at + 2].kind == "time"
    )
    if not ends and not between_and:
        raise ValueError(f"{token.text!r} has no end")
    return [_between(_time(token.text), _time(tokens[at + 2].text))], at + 3


_TIME: Final = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*(.*)")


def _time(text: str) -> _Time:
    if text in ("noon", "midday"):
        return _Time(12, 0, _PM, exact=False)
    if text == "midnight":
        return _Time(12, 0, _AM, exact=False)
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time")
    hour, minute, word = int(found[1]), int(found[2] or 0), found[3].replace(".", "")
    half = {"noon": _PM, "midday": _PM, "midnight": _AM}.get(word, word)
    if (
        minute > 59
        or hour > 24
        or (half and not 1 <= hour <= 12 and not (half == _PM and hour < 24))
    ):
        raise ValueError(f"{text!r} is no time")
    exact = not half and (hour > 12 or hour == 0 or (found[1][0] == "0" and found[2] is not None))
    if half and hour > 12:
        return _Time(hour, minute, _BARE, exact=True)
    return _Time(hour, minute, half, exact)


def _between(opens: _Time, closes: _Time) -> tuple[int, int]:
    """Return a span; where morning or afternoon is not said, the only sense that it can have.

    Raises:
        ValueError: it can mean two things.
    """
    if opens.exact or closes.exact:
        start, end = _exactly(opens), _exactly(closes)
        # 08:30-4:30: the second is written as people speak.
        spoken = not closes.exact and not closes.half and end <= start < end + _NOON
        return _as_spans(start, end + _NOON if spoken else end)
    if opens.half and closes.half:
        return _as_spans(_half(opens, opens.half), _half(closes, closes.half, end=True))
    if closes.half:
        end = _half(closes, closes.half, end=True)
        later = [start for half in (_PM, _AM) if (start := _half(opens, half)) < end]
        return _as_spans(max(later), end) if later else _unclear()
    if opens.half:
        start = _half(opens, opens.half)
        after = [end for half in (_AM, _PM) if (end := _half(closes, half)) > start]
        return _as_spans(start, min(after)) if after else _unclear()
    return _guessed(opens, closes)


def _guessed(opens: _Time, closes: _Time) -> tuple[int, int]:
    start, end = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    if end <= start and start <= _NOON + 59:
        return _as_spans(start, end + _NOON)
    if 9 * 60 <= start < end <= _NOON + 59:
        return start, end
    if start < 6 * 60 and start < end < _NOON:
        # Nobody opens a library from one to five in the morning.
        return start + _NOON, end + _NOON
    return _unclear()


def _unclear() -> tuple[int, int]:
    raise ValueError("morning or afternoon is not clear")


def _exactly(time: _Time) -> int:
    if time.half:
        return _half(time, time.half)
    return time.hour * 60 + time.minute


def _half(time: _Time, half: str, *, end: bool = False) -> int:
    minute = time.hour % 12 * 60 + time.minute
    if half == _PM:
        return minute + _NOON
    # Until twelve at night is the end of this day.
    return DAY_LENGTH if end and minute == 0 else minute


def _as_spans(opens: int, closes: int) -> tuple[int, int]:
    if _LATEST < closes <= opens:
        raise ValueError("a span that goes on until the next day's morning")
    return span_of(opens, closes)
