"""A report as HTML: its inside, for a page of a site, or one file that needs nothing else."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from exclusion_map.areas import phrases
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports import charts
from exclusion_map.editions.reports.model import PlaceReport, Report
from exclusion_map.editions.reports.picture import map_of
from exclusion_map.editions.reports.subjects import Subject
from exclusion_map.maps.palette import DECILE_COLOURS

_FOLDER: Final = Path(__file__).parent
NO_DATA: Final = "no data"
MOST_BESIDE: Final = 5
"""Places side by side in one table: more do not fit across a sheet of A4."""
PARTS: Final = (
    ("score", "How high is the risk, and how sure are we?"),
    ("drivers", "What drives it?"),
    ("people", "Who lives here?"),
    ("help", "What help is there?"),
    ("change", "What has changed?"),
)
"""Parts of a place that every report has, for the list of contents."""
_WITH_ARTICLE: Final = frozenset(
    {
        *("North East", "North West", "South East", "South West"),
        *("East Midlands", "West Midlands", "East of England"),
    }
)
"""Regions whose names need an article."""


def pictures(edition: Edition, index: str, subjects: Sequence[Subject]) -> list[str]:
    """Return the maps of places, as they stand in a page."""
    return [_inline(map_of(edition, index, one), f"map{at}") for at, one in enumerate(subjects)]


def body(report: Report, maps: Sequence[str], *, level: int = 1, links: bool = True) -> str:
    """Return the inside of a report as HTML.

    Args:
        report: what it tells.
        maps: a picture a place: SVG, or an ``<img>``.
        level: of its first heading.
        links: whether names of areas lead to their pages.
    """
    found: str = _template("report_body.html").render(
        report=report,
        places=[
            _view(f"p{at}", place, Markup(drawn))  # noqa: S704 - ours
            for at, (place, drawn) in enumerate(zip(report.places, maps, strict=True))
        ],
        scores=Markup(charts.scores_svg("side", report.places)),  # noqa: S704 - ours
        side=side_by_side(report.places),
        level=level,
        links=links,
    )
    return found


def page(report: Report, maps: Sequence[str]) -> str:
    """Return a report as one HTML file that needs nothing else."""
    found: str = _template("report_page.html").render(
        report=report,
        body=Markup(body(report, maps, links=False)),  # noqa: S704 - ours
        style=Markup(style()),  # noqa: S704 - ours
    )
    return found


@cache
def style() -> str:
    """Return the style of reports."""
    return (_FOLDER / "report.css").read_text(encoding="utf-8")


def _view(key: str, place: PlaceReport, drawn: Markup) -> dict[str, Any]:
    """Return what the template shows of one place."""
    drivers = [one for one in place.drivers if one.value is not None]
    return {
        "key": key,
        "place": place,
        "map": drawn,
        "tenths": Markup(charts.tenths_svg(f"{key}-tenths", place.name, place.people.tenths)),  # noqa: S704
        "bars": Markup(charts.drivers_svg(f"{key}-drivers", place.name, drivers)),  # noqa: S704
    }


def side_by_side(places: Sequence[PlaceReport]) -> list[tuple[str, list[str]]]:
    """Return the main figures of places, a row a figure."""
    rows: list[tuple[str, list[str]]] = [
        ("Kind of place", [one.kind_label for one in places]),
        ("People", [count(one.people.population) for one in places]),
        ("Risk score, 0 to 100", [decimal(one.score.score) for one in places]),
        ("Range of the score", [span(one.score.score_low, one.score.score_high) for one in places]),
        (
            "Rank among its kind",
            [
                f"{one.score.rank:,} of {one.score.ranked:,}" if one.score.rank else "not ranked"
                for one in places
            ],
        ),
        ("People in the highest-risk tenth", [percent(one.people.worst_tenth) for one in places]),
        ("Homes that may not cope online", [homes(one) for one in places]),
        ("People within 1 km of a library", [_library(one) for one in places]),
    ]
    labels = list(dict.fromkeys(one.label for place in places for one in place.drivers))
    held = [{one.label: one.value_words for one in place.drivers} for place in places]
    rows += [(label, [one.get(label, NO_DATA) for one in held]) for label in labels]
    return rows


def beside(places: int) -> int:
    """Return how many places stand in one table, so that tables of many places are as wide."""
    tables = -(-places // MOST_BESIDE)
    return -(-places // tables)


def homes(place: PlaceReport) -> str:
    """Return the modelled households with their range, in words."""
    found = place.people.estimate
    if found is None:
        return "not estimated"
    low, high = (
        phrases.about(one).removeprefix("about ")
        for one in (found.households_low, found.households_high)
    )
    return f"about {low}" if low == high else f"{low} to {high}"


def _library(place: PlaceReport) -> str:
    found = next((one for one in place.support.kinds if one.kind == "library"), None)
    return percent(found.share if found else None)


def count(number: float | None) -> str:
    """Return a whole number with commas."""
    return NO_DATA if number is None else f"{number:,.0f}"


def decimal(number: float | None) -> str:
    """Return a number with one decimal."""
    return NO_DATA if number is None else f"{number:,.1f}"


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 as a percentage that does not reach 0 or 100 by rounding."""
    return NO_DATA if share is None else phrases.value_text(100 * share, "percent")


def span(low: float | None, high: float | None) -> str:
    """Return a range in words."""
    return "not known" if low is None or high is None else f"{low:.0f} to {high:.0f}"


def article(where: str) -> str:
    """Return the name of a wider place as it stands after "in": "the North East"."""
    return f"the {where}" if where in _WITH_ARTICLE else where


def metres(length: float | None) -> str:
    """Return a way in words."""
    return NO_DATA if length is None else phrases.distance(length)


def _inline(svg: str, key: str) -> str:
    """Return an SVG file as it stands in a page: without its declaration, and ids of its own."""
    drawn = svg[svg.index("<svg") :]
    for name in ("t", "d", "missing"):
        drawn = drawn.replace(f'id="{name}"', f'id="{key}-{name}"')
    drawn = drawn.replace("url(#missing)", f"url(#{key}-missing)")
    return drawn.replace('aria-labelledby="t d"', f'aria-labelledby="{key}-t {key}-d"')


_FILTERS: Final[Mapping[str, Any]] = {
    "count": count,
    "decimal": decimal,
    "percent": percent,
    "metres": metres,
    "signed": charts.signed,
    "article": article,
    "colour": lambda tenth: DECILE_COLOURS[tenth - 1] if tenth else "#ffffff",
}


@cache
def _template(name: str) -> Template:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= _FILTERS
    made.globals |= {
        "span": span,
        "homes": homes,
        "beside": beside,
        "parts": PARTS,
    }
    return made.get_template(name)
