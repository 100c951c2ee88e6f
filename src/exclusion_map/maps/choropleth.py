"""Folium maps of an edition for notebooks: small areas of a place, coloured by risk."""

from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq

from exclusion_map.errors import NotFoundError
from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.maps.palette import DECILE_COLOURS, MISSING_HATCH
from exclusion_map.terms import AreaKind

MOST_AREAS = 5_000
"""More outlines than this make a page that browsers cannot handle."""


def risk_map(edition: Path, within: str, index: str = "exclusion") -> folium.Map:
    """Return a map of the small areas of one larger area, by tenth of risk; no background tiles.

    Args:
        edition: folder of a published edition.
        within: code of a neighbourhood, ward, local authority, ICB or region.
        index: id of an index of the edition.

    Raises:
        NotFoundError: no small area lies in ``within``, or there are too many to draw.
    """
    areas = _areas(edition, within).merge(
        _scores(edition, index), on="code", how="left", validate="one_to_one"
    )
    areas["tenth"] = areas["decile"].map(_in_words)
    areas["people"] = areas["population"].map(lambda number: f"about {round(number, -2):,.0f}")
    chart = folium.Map(tiles=None, control_scale=True)
    folium.GeoJson(
        areas[["label", "tenth", "people", "decile", "geometry"]].to_json(),
        name="Risk of digital exclusion",
        style_function=_style,
        tooltip=folium.GeoJsonTooltip(
            fields=["label", "tenth", "people"], aliases=["Area", "Risk", "People"]
        ),
    ).add_to(chart)
    west, south, east, north = areas.total_bounds
    chart.fit_bounds([[south, west], [north, east]])
    return chart


def _areas(edition: Path, within: str) -> gpd.GeoDataFrame:
    larger = pq.read_table(edition / "larger_areas.parquet", columns=["kind", "code"]).to_pandas()
    kinds = larger.loc[larger["code"] == within, "kind"]
    if kinds.empty:
        raise NotFoundError(
            f"area {within!r}",
            found="no larger area of that code",
            expected="a code such as E08000012",
        )
    column = PARENT_COLUMNS[AreaKind(kinds.iloc[0])][0]
    areas = gpd.read_parquet(
        edition / "areas.parquet",
        columns=["code", "label", "population", "geometry"],
        filters=[(column, "==", within)],
    )
    if len(areas) > MOST_AREAS:
        raise NotFoundError(
            f"map of {within}",
            found=f"{len(areas):,} small areas",
            expected=f"at most {MOST_AREAS:,}",
            mend="Choose a smaller area.",
        )
    return areas


def _scores(edition: Path, index: str) -> pd.DataFrame:
    table = pd.read_parquet(
        edition / "scores.parquet",
        columns=["code", "decile"],
        filters=[("index", "==", index), ("kind", "==", AreaKind.SMALL_AREA.value)],
    )
    if table.empty:
        raise NotFoundError(f"index {index!r}", found="no scores", expected="an index it holds")
    return table


def _in_words(decile: float) -> str:
    if not decile > 0:
        return "no data"
    note = {1: ", highest risk", 10: ", lowest risk"}.get(int(decile), "")
    return f"tenth {int(decile)}{note}"


def _style(feature: dict[str, dict[str, int]]) -> dict[str, object]:
    decile = feature["properties"]["decile"]
    colour = DECILE_COLOURS[decile - 1] if decile else MISSING_HATCH
    return {"fillColor": colour, "fillOpacity": 1, "color": "#ffffff", "weight": 0.5}
