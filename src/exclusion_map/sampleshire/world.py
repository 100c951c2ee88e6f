"""The county: every small area with its polygon, its names and codes, and all it belongs to."""

from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from exclusion_map.sampleshire import codes, names
from exclusion_map.sampleshire.cells import ISLAND, Cells, cells, town_radius_m
from exclusion_map.sampleshire.groups import grow, neighbours
from exclusion_map.sampleshire.shape import (
    ISLAND_AUTHORITY,
    ISLAND_NAME,
    SETTLEMENTS,
    Points,
    authority_of,
)

NEIGHBOURHOOD_SIZE, WARD_SIZE = 5, 8


@dataclass(frozen=True)
class World:
    """Everything about the land, in one order: n small areas sorted by code.

    Attributes:
        areas: code, name, letter (E or W), authority, neighbourhood, neighbourhood_code,
            neighbourhood_welsh, ward, ward_code, ward_welsh, place, sort (city, port, resort,
            market, rural or island), reach (distance to the town's centre over its radius).
        points: (n, 2) seed points in metres.
        polygons: (n,) in degrees, on a grid of 1e-6.
        coast: the land's outline in metres turned to degrees, before it was put on the grid.
    """

    areas: pd.DataFrame
    points: Points
    polygons: NDArray[np.object_]
    coast: shapely.MultiPolygon


def build(random: np.random.Generator, areas: int) -> World:
    """Return the county with ``areas`` small areas."""
    land = cells(random, areas)
    frame = _settled(land, areas)
    near = neighbours(land.polygons)
    frame["neighbourhood_group"] = _grouped(frame, land.points, near, NEIGHBOURHOOD_SIZE, 0.6)
    frame["ward_group"] = _grouped(frame, land.points, near, WARD_SIZE, 3.9)
    order = frame.sort_values(
        ["letter", "authority_code", "neighbourhood_group"], kind="stable"
    ).index.to_numpy()
    frame = frame.loc[order].reset_index(drop=True)
    points = land.points[order]
    frame = _named(_coded(frame), random)
    return World(frame, points, land.polygons[order], land.coast)


def _settled(land: Cells, areas: int) -> pd.DataFrame:
    """Return each cell's town, authority and place in the town, in the cells' order."""
    rural = authority_of(land.points[:, 0], land.points[:, 1])
    rows = []
    for number, town in enumerate(land.town.tolist()):
        if town >= 0:
            home = SETTLEMENTS[town]
            away = np.hypot(*(land.points[number] - np.array([home.x_km, home.y_km]) * 1000))
            reach = float(away / town_radius_m(home, areas))
            rows.append((home.name, home.sort, home.authority, reach))
        elif town == ISLAND:
            rows.append((ISLAND_NAME, "island", ISLAND_AUTHORITY, 3.0))
        else:
            rows.append(("", "rural", rural[number], 3.0))
    frame = pd.DataFrame(rows, columns=["place", "sort", "authority", "reach"])
    frame["authority_code"] = [codes.AUTHORITIES[name].code for name in frame["authority"]]
    frame["letter"] = frame["authority_code"].str[0]
    return frame


def _grouped(
    frame: pd.DataFrame, points: Points, near: list[set[int]], size: int, start: float
) -> NDArray[np.int64]:
    """Return the group of each cell; groups stay within one authority and are numbered through."""
    group = np.full(len(frame), -1)
    number = 0
    for authority in sorted(codes.AUTHORITIES):
        members = np.flatnonzero((frame["authority"] == authority).to_numpy())
        for areas in grow(members, points, near, size=size, start=start):
            group[areas] = number
            number += 1
    return group


def _coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Add codes and official names, as ``Sampleford 001A``; the frame is in its final order."""
    frame = frame.copy()
    for kind, make in (("neighbourhood", codes.neighbourhood), ("ward", codes.ward)):
        made: dict[int, str] = {}
        count = {"E": 0, "W": 0}
        for letter, group in zip(frame["letter"], frame[f"{kind}_group"], strict=True):
            if group not in made:
                count[letter] += 1
                made[group] = make(letter, count[letter])
        frame[f"{kind}_code"] = frame[f"{kind}_group"].map(made)
    number = frame.groupby("letter").cumcount() + 1
    frame["code"] = [
        codes.small_area(letter, n) for letter, n in zip(frame["letter"], number, strict=True)
    ]
    ranked = frame.groupby("authority")["neighbourhood_code"].rank(method="dense").astype(int)
    frame["neighbourhood_name"] = frame["authority"] + ranked.map(" {:03d}".format)
    letter = frame.groupby("neighbourhood_code").cumcount().map(lambda n: ascii_uppercase[n])
    frame["name"] = frame["neighbourhood_name"] + letter
    return frame


def _named(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Give neighbourhoods and wards names: districts in towns, villages outside, some in Welsh."""
    frame = frame.copy()
    invented = iter(names.villages(random, 150))
    for kind in ("neighbourhood", "ward"):
        groups = {str(code): rows for code, rows in frame.groupby(f"{kind}_code", sort=True)}
        inside_out = sorted(groups, key=lambda code: (groups[code]["reach"].mean(), code))
        used: dict[str, int] = {}
        english: dict[str, str] = {}
        welsh: dict[str, str] = {}
        for code in inside_out:
            rows = groups[code]
            home = rows.loc[rows["place"] == rows["place"].mode().iloc[0]].iloc[0]
            series = "Welsh" if home["letter"] == "W" else home["place"]
            number = used[series] = used.get(series, -1) + 1
            if series == "Welsh":
                english[code], welsh[code] = _welsh(number)
            elif home["sort"] in ("rural", "island"):
                english[code] = _rural_name(rows, next(invented), next(invented))
            else:
                english[code] = names.district(home["place"], home["sort"], number)
        frame[kind] = frame[f"{kind}_code"].map(english)
        frame[f"{kind}_welsh"] = frame[f"{kind}_code"].map(welsh).fillna("")
    return frame


def _welsh(number: int) -> tuple[str, str]:
    again, place = divmod(number, len(names.WELSH_PLACES))
    english, welsh = names.WELSH_PLACES[place]
    return (english, welsh) if not again else (f"{english} {again + 1}", f"{welsh} {again + 1}")


def _rural_name(rows: pd.DataFrame, one: str, other: str) -> str:
    if (rows["place"] == ISLAND_NAME).any():
        return f"{one} & {ISLAND_NAME}"
    return f"{one} & {other}" if len(rows) > 3 else one
