"""Opening hours: parse the sources' formats into a weekly schedule, and describe it in words.

A schedule maps a day ("mon" to "sun") to its spans, such as ``[["09:00", "13:00"], ["14:00",
"17:00"]]``. A day with no spans is closed; hours of a day that is missing are unknown.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = dict(
    zip(
        DAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)

Spans = list[list[str]]
Schedule = dict[str, Spans]

_SPAN = r"([01][0-9]|2[0-4]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-4]):([0-5][0-9])"
# The sources sometimes have a colon instead of a comma between spans, which is unambiguous.
_DAY = re.compile(rf"{_SPAN}(?:\s*[,;:]\s*{_SPAN})*")
_ONE = re.compile(_SPAN)


@dataclass(frozen=True)
class Week:
    """Opening hours of a place for a week, as given by a source.

    ``schedule`` is None if nothing could be parsed; ``note`` describes, for readers, what does not
    fit into a schedule; ``problems`` lists the faulty cells.
    """

    schedule: Schedule | None = None
    note: str = ""
    problems: tuple[str, ...] = field(default=())

    def to_json(self) -> str | None:
        """Return the schedule as JSON with days in order, or None."""
        if self.schedule is None:
            return None
        return json.dumps(self.schedule, separators=(",", ":"))


def parse_day(text: str) -> Spans:
    """Return the spans in a cell such as ``"09:00-13:00,14:00-17:00"`` or ``"CLOSED"``.

    Raises:
        ValueError: the text is not a list of spans, or spans end before they start or overlap.
    """
    bare = text.strip()
    if bare.lower() in ("closed", "n/a closed"):
        return []
    if not _DAY.fullmatch(bare):
        raise ValueError(f"{bare!r} is not opening hours")
    spans = sorted([f"{a}:{b}", _closing(f"{c}:{d}")] for a, b, c, d in _ONE.findall(bare))
    if any(opens >= closes for opens, closes in spans) or spans[-1][1] > "24:00":
        raise ValueError(f"{bare!r} ends before it begins")
    if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
        raise ValueError(f"{bare!r} has spans that overlap")
    return spans


def _closing(time: str) -> str:
    # A closing time of 00:00 means the end of the day, not its beginning.
    return "24:00" if time == "00:00" else time


def parse_week(cells: Mapping[str, str], *, blank_is_closed: bool) -> Week:
    """Return the week given by seven cells, keyed by day ("mon" to "sun").

    Args:
        cells: text of each day; empty if the source gives none.
        blank_is_closed: whether an empty cell means closed if another day has hours.
    """
    schedule: Schedule = {}
    problems: list[str] = []
    for day in DAYS:
        text = cells.get(day, "").strip()
        if not text:
            continue
        try:
            schedule[day] = parse_day(text)
        except ValueError:
            problems.append(f"{DAY_NAMES[day]} {text}")
    if not any(schedule.values()):
        note = f"As the source has it: {'; '.join(problems)}." if problems else ""
        return Week(note=note, problems=tuple(problems))
    if blank_is_closed:
        schedule |= {day: [] for day in DAYS if not cells.get(day, "").strip()}
    ordered = {day: schedule[day] for day in DAYS if day in schedule}
    note = f"Not clear in the source: {'; '.join(problems)}." if problems else ""
    return Week(ordered, note, tuple(problems))


def from_json(text: str | None) -> Schedule | None:
    """Return the schedule from the output of :meth:`Week.to_json`."""
    if not text:
        return None
    schedule: Schedule = json.loads(text)
    return schedule


def in_words(schedule: Schedule | None) -> list[tuple[str, str]]:
    """Return (days, hours) in words, grouping consecutive days with the same hours.

    ``[("Monday to Friday", "9am to 5pm"), ("Saturday", "9am to 1pm"), ("Sunday", "closed")]``.
    """
    if schedule is None:
        return []
    return together({day: _hours(schedule.get(day)) for day in DAYS})


def together(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (days, text), one for each run of days with the same text, in the order given."""
    groups: list[tuple[list[str], str]] = []
    for day, text in texts.items():
        if groups and groups[-1][1] == text:
            groups[-1][0].append(day)
        else:
            groups.append(([day], text))
    return [(_days(group), text) for group, text in groups]


def _days(group: Iterable[str]) -> str:
    names = [DAY_NAMES[day] for day in group]
    if len(names) == 1:
        return names[0]
    return f"{names[0]} {'to' if len(names) > 2 else 'and'} {names[-1]}"


def _hours(spans: Spans | None) -> str:
    if spans is None:
        return "not known"
    return " and ".join(f"{_clock(a)} to {_clock(b)}" for a, b in spans) or "closed"


def _clock(time: str) -> str:
    hour, minute = int(time[:2]), time[3:]
    if time in ("00:00", "24:00"):
        return "midnight"
    if time == "12:00":
        return "midday"
    twelve = (hour - 1) % 12 + 1
    return f"{twelve}{'' if minute == '00' else ':' + minute}{'am' if hour < 12 else 'pm'}"
