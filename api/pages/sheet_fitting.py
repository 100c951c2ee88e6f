"""How many places fit one page: each in lines, measured, and no line cut off.

Widths are those of a font that is wider than what browsers use for the sheet, so that there is room
to spare.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from api.pages import words
from api.pages.support import PlaceView
from exclusion_map.access.costs import DETOUR, WALK_M_PER_MINUTE
from exclusion_map.directory.terms import Term
from exclusion_map.maps.legend_image_sheet import wrap

WIDTH, HEIGHT = 527.0, 774.0
"""Points of an A4 page inside margins of 12 mm."""
SPARE: Final = 14.0
"""Points at the foot that are left empty: browsers set type a little differently."""
LEADING: Final = 1.25
_NUMBER = 34.0
"""Points that the number of a place and the gap beside it take."""
_LONGEST_WALK_MIN = 60
_CAPTION = "Black square: the middle of the area. Circles: about 10 and 20 minutes' walk."
_HELP: Final = {
    "assisted_digital": "help to fill in forms online",
    "drop_in_help": "help with your phone or computer",
    "skills_courses": "lessons",
    "data": "SIM cards with data",
}
"""Shorter or plainer than the names of the terms."""
Line = tuple[str, str]
"""Words in bold, and plain ones after them."""


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes of a sheet, in points.

    Attributes:
        letters: of all text.
        title: of the heading.
        map_size: width and height of the map.
    """

    letters: float
    title: float
    map_size: tuple[float, float]


TYPES: Final = {
    "normal": Type(14.0, 21.0, (250.0, 186.0)),
    "large": Type(18.0, 24.0, (228.0, 150.0)),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A place on the sheet, in lines."""

    number: int
    name: str
    way: str
    step_free: bool
    lines: Sequence[str]


def way_words(metres: float) -> str:
    """Return how far a place is: metres, and minutes on foot where people may walk it."""
    minutes = max(1, round(metres * DETOUR / WALK_M_PER_MINUTE))
    told = words.distance(metres)
    if minutes > _LONGEST_WALK_MIN:
        return f"{told} away"
    time = "1 minute\u2019s" if minutes == 1 else f"{minutes} minutes\u2019"
    return f"{told}, about {time} walk"


def entry_of(number: int, view: PlaceView, *, brief: bool = False) -> Entry:
    """Return a place in lines: where, what help, when; briefly, it says to ask for the hours."""
    contact = [view.address, f"Phone {view.phone}" if view.phone else ""]
    helps = words.upper_first(words.listed([_plain(term) for term in view.stated]))
    usual = words.listed([_plain(term) for term in view.usual])
    said = [f"{helps}." if helps else "", f"Usually {usual}." if usual else ""]
    hours = "; ".join(f"{days} {told}" for days, told in view.hours)
    when = f"Open: {hours}." if hours else "Opening hours not known: ask first."
    if brief and hours:
        when = "Opening hours differ by day: ring to ask."
    if view.checked.on:
        known = "Checked" if view.checked.by_people else "From a list of"
        when += f" {known} {view.checked.on:%B %Y}."
    lines = (
        ". ".join(part for part in contact if part),
        " ".join(part for part in said if part),
        when,
    )
    return Entry(
        number=number,
        name=view.name,
        way=way_words(view.metres or 0.0),
        step_free="Step-free entrance" in view.accessibility,
        lines=[line for line in lines if line],
    )


def _plain(term: Term) -> str:
    return _HELP.get(term.key, term.inline)


def beside_map(lines: Sequence[Line], kind: Type) -> list[Line]:
    """Return the lines that fit beside the map, under their heading."""
    room = kind.map_size[1] + 2 * kind.letters * LEADING
    fitting: list[Line] = []
    for line in lines:
        if fitting and _beside([*fitting, line], kind) > room:
            break
        fitting.append(line)
    return fitting


def _beside(lines: Sequence[Line], kind: Type) -> float:
    width = WIDTH - kind.map_size[0] - 16
    heading = kind.letters * LEADING
    return heading + sum(tall([f"{a} {b}"], kind.letters, width, bold=True) + 4 for a, b in lines)


def fitting(
    views: Sequence[PlaceView], kind: Type, title: str, remote: Sequence[Line], foot: str
) -> list[Entry]:
    """Return the first places that fit the page beside everything else."""
    letters = kind.letters
    picture = kind.map_size[1] + tall([_CAPTION], letters, kind.map_size[0]) + 4
    used = tall([title], kind.title, WIDTH, bold=True) + 6
    used += max(picture, _beside(remote, kind)) + 8
    used += tall([foot], letters, WIDTH) + 14
    entries: list[Entry] = []
    for number, view in enumerate(views, start=1):
        entry = entry_of(number, view)
        if not entries and used + _entry_tall(entry, letters) > HEIGHT - SPARE:
            # One place that is told of briefly is better than none.
            entry = entry_of(number, view, brief=True)
        used += _entry_tall(entry, letters)
        if used > HEIGHT - SPARE:
            break
        entries.append(entry)
    return entries


def _entry_tall(entry: Entry, letters: float) -> float:
    head = f"{entry.name}: {entry.way}.{' Step-free.' if entry.step_free else ''}"
    width = WIDTH - _NUMBER
    return tall([head], letters, width, bold=True) + tall(entry.lines, letters, width) + 7


def tall(texts: Iterable[str], letters: float, width: float, *, bold: bool = False) -> float:
    """Return the height of paragraphs in points."""
    lines = sum(max(1, len(wrap(text, letters, width, bold=bold))) for text in texts)
    return lines * letters * LEADING
