"""Invented postcodes: a list of points with their codes, some of them no longer in use."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from exclusion_map.sampleshire.codes import POSTCODE_AREA
from exclusion_map.sampleshire.county import County
from exclusion_map.sampleshire.files import write_parquet
from exclusion_map.sampleshire.shape import ISLAND_NAME, SETTLEMENTS

PER_AREA = 19
LIVE_SHARE = 0.55
_LAST_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # C, I, K, M, O and V are never used after the space
_UNITS = [first + second for first in _LAST_LETTERS for second in _LAST_LETTERS]
_SECTOR_SIZE = 150


@dataclass(frozen=True)
class Postcodes:
    """Postcodes sorted by code: pcds, lat, long, live, and the small area each lies in."""

    frame: pd.DataFrame

    def live_in(self, area: int) -> pd.DataFrame:
        """Return the live postcodes of a small area (row number), in order."""
        return self.frame[(self.frame["area"] == area) & self.frame["live"]]


def draw_postcodes(random: np.random.Generator, county: County) -> Postcodes:
    """Return about 19 postcodes a small area, two thirds of them in use, at least five in each."""
    towns = [town.name for town in SETTLEMENTS] + [ISLAND_NAME, ""]
    district = county.areas["place"].map({name: n for n, name in enumerate(towns, start=1)})
    rows: list[tuple[str, float, float, bool, int]] = []
    used: dict[int, int] = {}
    for area in np.argsort(district.to_numpy(), kind="stable").tolist():
        count = max(int(random.poisson(PER_AREA)), 8)
        live = random.uniform(size=count) < LIVE_SHARE
        live[:5] = True
        here = int(district.iloc[area])
        start = used.get(here, 0)
        used[here] = start + count
        places = _inside(random, county.world.polygons[area], count)
        for offset, (longitude, latitude) in enumerate(places):
            code = _code(here, start + offset)
            rows.append((code, round(latitude, 5), round(longitude, 5), bool(live[offset]), area))
    frame = pd.DataFrame(rows, columns=["pcds", "lat", "long", "live", "area"])
    return Postcodes(frame.sort_values("pcds", ignore_index=True))


def write_postcodes(folder: Path, county: County, postcodes: Postcodes) -> None:
    """Write the lookup; one postcode stands on a pier, just off the coast, as some really do."""
    frame = postcodes.frame[["pcds", "lat", "long", "live"]].copy()
    latitude, longitude = _off_the_coast(county)
    pier = {"pcds": f"{POSTCODE_AREA}99 1AA", "lat": latitude, "long": longitude, "live": True}
    frame = pd.concat([frame, pd.DataFrame([pier])], ignore_index=True)
    path = folder / "ons-nspl-postcodes" / "NSPL_postcodes_lat_long.parquet"
    write_parquet(path, frame.sort_values("pcds", ignore_index=True))


def _code(district: int, number: int) -> str:
    sector, unit = divmod(number, _SECTOR_SIZE)
    again, digit = divmod(sector, 9)
    # Units are spread over the alphabet, so that the codes look like codes.
    letters = _UNITS[(unit * 7 + 3) % len(_UNITS)]
    return f"{POSTCODE_AREA}{district + 20 * again} {digit + 1}{letters}"


def _inside(
    random: np.random.Generator, outline: shapely.Polygon, count: int
) -> list[tuple[float, float]]:
    west, south, east, north = outline.bounds
    shapely.prepare(outline)
    found: list[tuple[float, float]] = []
    while len(found) < count:
        x, y = random.uniform(west, east, 40), random.uniform(south, north, 40)
        inside = shapely.contains_xy(outline, x, y)
        found += list(zip(x[inside].tolist(), y[inside].tolist(), strict=True))
    return found[:count]


def _off_the_coast(county: County) -> tuple[float, float]:
    """Return latitude and longitude of a point about 90 m north of the county's northern tip."""
    corners = shapely.get_coordinates(county.world.polygons)
    longitude, latitude = corners[corners[:, 1].argmax()]
    return round(float(latitude) + 0.0008, 5), round(float(longitude), 5)
