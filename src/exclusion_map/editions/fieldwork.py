"""A fieldwork pack for one small area: map, venues, who lives there, nearest support; one file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from exclusion_map.areas.phrases import about, distance, listed, tenth_phrase, value_text
from exclusion_map.areas.search import context_of
from exclusion_map.directory.places import Places
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.sites import site_venues, venue_columns
from exclusion_map.geography.postcode_index import PostcodePlace
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.raster_tiles import unit
from exclusion_map.maps.static_map import Frame, lay_out
from exclusion_map.support.distance import EARTH_M
from exclusion_map.targeting.gaps import Risk
from exclusion_map.targeting.sampling.composition import GROUPS
from exclusion_map.targeting.sampling.figures import Figures
from exclusion_map.targeting.sampling.venues import FARTHEST
from exclusion_map.targeting.sites import Sites
from exclusion_map.terms import AreaKind

WIDTH, HEIGHT = 700, 520
_TEMPLATE: Final = "fieldwork.html"
_LEAST_M, _MOST_M = 900.0, 1_600.0
"""Metres that the map shows at least in each direction; venues farther off are only listed."""
_SCHEME: Final = Scheme(("#ffd54f", "#d9d5e0"))


@dataclass(frozen=True, eq=False, kw_only=True)
class PackMaker:
    """Makes packs of an edition; all of its parts are read-only.

    Attributes:
        edition: with the areas.
        sites: places as arrays.
        places: their details.
        risk: of the small areas.
        figures: counts of the small areas.
        kinds: of place that are venues.
        near_m: metres within which a place is a venue.
    """

    edition: Edition
    sites: Sites
    places: Places
    risk: Risk
    figures: Figures
    kinds: tuple[str, ...]
    near_m: float

    def page(self, row: int, *, here: str = "", venues_csv: str = "") -> str:
        """Return the pack of a small area as one HTML file that needs nothing else.

        Args:
            row: of the small area.
            here: address to save it from, where it is shown on a site.
            venues_csv: address of its venues as a table, likewise.

        Raises:
            InvalidRequestError: there is no such kind of place.
        """
        small = self.edition.atlas.level(AreaKind.SMALL_AREA)
        postcodes = self.edition.postcodes.inside(row) if self.edition.postcodes else []
        venues = self._places(row, self.kinds, self.near_m, 3)
        nearest = self._places(row, self._every, FARTHEST, 1)
        decile = int(self.risk.decile[row])
        place = self.edition.manifest.title
        return _template().render(
            name=small.labels[row],
            code=small.codes[row],
            where=context_of(self.edition.atlas, small, row),
            manifest=self.edition.manifest,
            picture=Markup(site_svg(self.edition, row, venues, postcodes)),  # noqa: S704 - ours
            postcodes=[one.pretty for one in postcodes],
            risk=tenth_phrase(decile, "small areas", place),
            people=float(small.population[row]),
            households=float(small.households[row]),
            rural=small.rural_urban[row] if small.rural_urban else "",
            facts=self._facts(row),
            venues=venues,
            without=self._without(venues),
            nearest=nearest,
            near=distance(self.near_m),
            style=Markup(style()),  # noqa: S704 - ours
            here=here,
            venues_csv=venues_csv,
        )

    @property
    def _every(self) -> tuple[str, ...]:
        counts = self.sites.snapshot.counts
        return tuple(term.key for term in taxonomy(PLACES).terms if counts[term.key])

    def _without(self, venues: Sequence[dict[str, Any]]) -> str:
        """Return the kinds asked for of which no place is near, in words."""
        held = {one["kind"] for one in venues}
        terms = [taxonomy(PLACES).term(kind) for kind in self.kinds]
        return listed([term.inline_plural for term in terms if term.name not in held])

    def _places(
        self, row: int, kinds: Sequence[str], near_m: float, each: int
    ) -> list[dict[str, Any]]:
        rows = np.array([row], dtype=np.int64)
        near = site_venues(self.edition, self.sites, rows, kinds, near_m, each)
        columns = venue_columns(self.edition, self.sites, self.places, rows, near)
        names = list(columns)
        told = [dict(zip(names, one, strict=True)) for one in zip(*columns.values(), strict=True)]
        for one in told:
            one["away"] = distance(float(one["distance_m"]))
        return told

    def _facts(self, row: int) -> list[dict[str, str]]:
        """Return how many there are of each group, and how that compares."""
        found = []
        for name in GROUPS:
            if name not in self.figures.counts:
                continue
            count = self.figures.count(name)
            base = self.figures.base(name)
            if not np.isfinite(count[row]) or not base[row] > 0:
                continue
            known = np.isfinite(count) & np.isfinite(base)
            usual = 100 * count[known].sum() / base[known].sum()
            words = self.figures.words(name)
            found.append(
                {
                    "words": words[:1].upper() + words[1:],
                    "count": about(float(count[row])),
                    "share": value_text(float(100 * count[row] / base[row]), "percent"),
                    "usual": value_text(float(usual), "percent"),
                }
            )
        return found


def site_svg(
    edition: Edition,
    row: int,
    venues: Sequence[dict[str, Any]],
    postcodes: Sequence[PostcodePlace] = (),
) -> str:
    """Return the map of a small area with its neighbours, and venues numbered as in the list.

    Dots are its postcodes: they show where in it people live.

    Raises:
        InvalidRequestError: more areas than a drawing can hold.
    """
    from shapely.geometry import shape  # Not needed to start.

    from exclusion_map.maps.static_map_svg import areas_in, map_svg  # Not needed to start.

    small = edition.atlas.level(AreaKind.SMALL_AREA)
    frame = lay_out(
        _bounds(edition, row, venues),
        WIDTH,
        HEIGHT,
        title="",
        legend=None,
        credit="Contains OS data and National Statistics data, Crown copyright and database right, "
        "Open Government Licence v3.0.",
    )
    # One colour for the place to go to, and paper for the rest: it has to print and copy well.
    rows, outlines = areas_in(edition.folder, AreaKind.SMALL_AREA, frame)
    classes = np.full(len(small) + 1, 2, dtype=np.uint8)
    classes[row + 1] = 1
    outline = shape(edition.outline(small, row))
    title = f"Map of {small.labels[row]}"
    alt = f"{title} with the venues near it, numbered as in the list."
    drawn = map_svg(
        frame, rows, outlines, classes, _SCHEME, title=title, alt=alt, outline=outline, inside=True
    )
    before, end, after = drawn.rpartition("</svg>")
    return f"{before}{''.join((*_dots(frame, postcodes), *_marks(frame, venues)))}{end}{after}"


def _dots(frame: Frame, postcodes: Sequence[PostcodePlace]) -> list[str]:
    places = [(one.longitude or 0.0, one.latitude or 0.0) for one in postcodes]
    return [
        f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="2.5" fill="#6b5200"/>'
        for place in places
        if (at := _at(frame, *place))
    ]


def _marks(frame: Frame, venues: Sequence[dict[str, Any]]) -> list[str]:
    """Return the venues inside a map, the nearest on top; those of one place are one mark."""
    numbers: dict[tuple[int, int], list[int]] = {}
    for number, venue in enumerate(venues, start=1):
        at = _at(frame, float(venue["longitude"]), float(venue["latitude"]))
        if at is not None:
            numbers.setdefault((round(at[0] / 4) * 4, round(at[1] / 4) * 4), []).append(number)
    return [_mark(*at, ", ".join(map(str, told))) for at, told in reversed(numbers.items())]


def _mark(x: int, y: int, words: str) -> str:
    half = 11 + 3.5 * (len(words) - 1)
    return (
        f'<rect x="{x - half:g}" y="{y - 11}" width="{2 * half:g}" height="22" rx="11" '
        'fill="#1d1a24" stroke="#fff"/>'
        f'<text x="{x}" y="{y + 5}" text-anchor="middle" font-size="14" '
        f'font-weight="700" font-family="sans-serif" fill="#fff">{words}</text>'
    )


def _at(frame: Frame, longitude: float, latitude: float) -> tuple[float, float] | None:
    """Return where a place is on a map; None outside."""
    window = frame.window
    x, y = unit(longitude, latitude)
    across = (x - window.left) / (window.right - window.left)
    down = (y - window.top) / (window.bottom - window.top)
    if not (0 <= across <= 1 and 0 <= down <= 1):
        return None
    return frame.left + across * window.width, frame.top + down * window.height


def _bounds(
    edition: Edition, row: int, venues: Sequence[dict[str, Any]]
) -> tuple[float, float, float, float]:
    """Return what the map shows: the area and its venues, and never less than a walk around."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    west, south, east, north = (float(edge) for edge in small.bbox[row])
    near = [one for one in venues if float(one["distance_m"]) <= _MOST_M]
    lon = [west, east, *(float(one["longitude"]) for one in near)]
    lat = [south, north, *(float(one["latitude"]) for one in near)]
    tall = float(np.degrees(_LEAST_M / EARTH_M))
    wide = tall / float(np.cos(np.radians((south + north) / 2)))
    across, down = (min(lon) + max(lon)) / 2, (min(lat) + max(lat)) / 2
    half_wide = max((max(lon) - min(lon)) * 0.55, wide)
    half_tall = max((max(lat) - min(lat)) * 0.55, tall)
    return (across - half_wide, down - half_tall, across + half_wide, down + half_tall)


@cache
def style() -> str:
    """Return the style of packs, as it stands in them."""
    return (Path(__file__).parent / "fieldwork.css").read_text(encoding="utf-8")


@cache
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template(_TEMPLATE)
