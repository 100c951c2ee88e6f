"""Folium maps: areas of a place coloured by risk, people at risk as heat, support by kind."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import folium
import numpy as np
import numpy.typing as npt
import shapely
from branca.element import MacroElement
from folium.plugins import HeatMap
from jinja2 import Template

from exclusion_map.maps import legend_html
from exclusion_map.maps.folium_page import Words, carry_assets, without_links
from exclusion_map.maps.outlines import light
from exclusion_map.maps.palette import DECILE_COLOURS, decile_words
from exclusion_map.support.nearest import SupportPlace
from exclusion_map.terms import SupportKind

HIGH: Final = 2
"""Tenths, from the highest risk, whose people the heat layer counts."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MapAreas:
    """What a map shows of areas; one entry an area.

    Attributes:
        names: what people call them.
        codes: official codes.
        decile: (n,) 1 = highest-risk tenth, 0 = no data.
        people: (n,) NaN = not known.
        longitude: (n,) of a point inside.
        latitude: (n,)
        shapes: (n,) shapely outlines in degrees.
    """

    names: Sequence[str]
    codes: Sequence[str]
    decile: npt.NDArray[np.uint8]
    people: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    latitude: npt.NDArray[np.float64]
    shapes: npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class MapWords:
    """What a map says of itself.

    Attributes:
        title: its heading.
        sentence: what darker means, and compared with what.
        kind: of area, plural.
        base: what it is compared with, to go after "of".
        notes: how it was made, and how not to use it.
        attribution: credit lines.
    """

    title: str
    sentence: str
    kind: str
    base: str
    notes: Sequence[tuple[str, str]] = ()
    attribution: Sequence[str] = field(default=())


def draw(
    areas: MapAreas,
    words: MapWords,
    support: Mapping[SupportKind, Sequence[SupportPlace]] | None = None,
) -> folium.Map:
    """Return a map with its layers, legend, table and credits; it loads nothing from elsewhere.

    Args:
        areas: to be coloured.
        words: said of it.
        support: places by kind, each a layer of its own.

    Raises:
        InvalidRequestError: the assets are not built.
    """
    chart = folium.Map(tiles=None, control_scale=True, zoom_control="topleft", zoom_snap=0.25)
    coloured = _areas(areas, words)
    coloured.add_to(chart)
    _heat(areas).add_to(chart)
    for kind, places in (support or {}).items():
        if places:
            _places(kind, places).add_to(chart)
    folium.LayerControl(collapsed=False).add_to(chart)
    _Behaviour(coloured).add_to(chart)
    west, south, east, north = shapely.total_bounds(areas.shapes)
    chart.fit_bounds([[south, west], [north, east]])
    page = carry_assets(chart, words.title, words.sentence)
    page.html.add_child(Words(legend_html.head(words)), name="head")
    # A part of the map, which therefore comes after it.
    _Below(legend_html.foot(areas, words, support or {})).add_to(chart)
    return chart


def _areas(areas: MapAreas, words: MapWords) -> folium.GeoJson:
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {
                "decile": int(decile),
                "said": legend_html.plain(f"{name}: {_in_words(int(decile))}"),
                "told": legend_html.popup(name, code, int(decile), float(people), words),
            },
            "geometry": json.loads(shape),
        }
        for name, code, decile, people, shape in zip(
            areas.names,
            areas.codes,
            areas.decile,
            areas.people,
            shapely.to_geojson(light(areas.shapes)),
            strict=True,
        )
    ]
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name="Risk of digital exclusion",
        style_function=_style,
        tooltip=folium.GeoJsonTooltip(fields=["said"], labels=False),
        popup=folium.GeoJsonPopup(fields=["told"], labels=False),
        zoom_on_click=False,
    )


def _style(feature: Mapping[str, Any]) -> dict[str, object]:
    decile = feature["properties"]["decile"]
    colour = DECILE_COLOURS[decile - 1] if decile else f"url(#{legend_html.HATCH})"
    return {"fillColor": colour, "fillOpacity": 1, "color": "#ffffff", "weight": 0.3}


def _in_words(decile: int) -> str:
    return decile_words(decile) if decile else "no data"


def _heat(areas: MapAreas) -> HeatMap:
    """Return the people who live in high-risk areas as heat: brighter where there are many."""
    high = (areas.decile > 0) & (areas.decile <= HIGH) & (areas.people > 0)
    people = areas.people[high]
    most = float(np.percentile(people, 95)) if len(people) else 1.0
    points = [
        [round(float(latitude), 5), round(float(longitude), 5), round(min(count / most, 1.0), 2)]
        for latitude, longitude, count in zip(
            areas.latitude[high], areas.longitude[high], people, strict=True
        )
    ]
    heat = HeatMap(
        points or [[0.0, 0.0, 0.0]],
        name="People in the two highest-risk tenths (heat)",
        show=False,
        radius=18,
        blur=22,
        min_opacity=0.25,
        gradient=legend_html.HEAT,
    )
    without_links(heat)
    return heat


def _places(kind: SupportKind, places: Sequence[SupportPlace]) -> folium.FeatureGroup:
    """Return the places of a kind, marked by its letter and colour."""
    label = f"{kind.label_plural[:1].upper()}{kind.label_plural[1:]}"
    group = folium.FeatureGroup(name=f"{label} ({len(places):,})", show=False)
    for place in places:
        sign = folium.DivIcon(
            html=legend_html.sign(kind), icon_size=(24, 24), icon_anchor=(12, 12), class_name="em"
        )
        marker = folium.Marker(
            (round(place.latitude, 5), round(place.longitude, 5)),
            icon=sign,
            alt=legend_html.plain(f"{kind.label}: {place.name}"),
        )
        marker.add_child(_Said(legend_html.place(place)))
        group.add_child(marker)
    return group


class _Said(MacroElement):
    """A popup without jQuery, which folium's own needs."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this._parent.get_name() }}.bindPopup({{ this.said }}, {maxWidth: 300});"
        "{% endmacro %}"
    )

    def __init__(self, said: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Said"
        self.said = json.dumps(legend_html.without_braces(said)).replace("</", "<\\/")


class _Below(MacroElement):
    """Words below a map."""

    _template = Template("{% macro html(this, kwargs) %}{{ this.words }}{% endmacro %}")

    def __init__(self, words: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Below"
        # folium reads what a part renders as a template once more: words must hold no brace.
        self.words = legend_html.without_braces(words)


class _Behaviour(MacroElement):
    """Makes areas reachable by keyboard."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.exclusionMap.reachable("
        "{{ this._parent.get_name() }}, {{ this.areas.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, areas: folium.GeoJson) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Behaviour"
        self.areas = areas
