"""What makes places differ: a few hidden factors behind every number of the county.

Real small areas differ along a handful of lines: how old people are, how deprived, how many came
from abroad, how many study, how remote the place is. Each is made here of where a place lies (in a
town's middle, on an estate, by the sea) and a smooth random field, so that neighbours are alike.
"""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from exclusion_map.sampleshire.shape import METRES_A_DEGREE, Points
from exclusion_map.sampleshire.world import World

Values = NDArray[np.float64]

FACTORS = ("deprived", "old", "abroad", "student", "remote", "inner")

# Where large estates lie, in km, each about 1.5 km wide.
_ESTATES = ((27.0, 24.6), (31.8, 20.6), (28.2, 19.6), (47.0, 29.8), (18.6, 12.6), (6.0, 30.4))
_CAMPUS = (28.2, 23.4)


def smooth_field(random: np.random.Generator, points: Points, length_m: float) -> Values:
    """Return a smooth random field at points (n, 2): mean 0, variance about 1 over many seeds.

    Sum of 60 plane waves with normal wave numbers (random Fourier features of a Gaussian kernel;
    Rahimi and Recht, 2007), so values ``length_m`` apart are alike.
    """
    waves = random.normal(0.0, 1.0 / length_m, (60, 2))
    phase = random.uniform(0.0, 2 * np.pi, 60)
    field: Values = np.cos(points @ waves.T + phase).sum(axis=1) * np.sqrt(2.0 / 60)
    return field


def factors(random: np.random.Generator, world: World) -> pd.DataFrame:
    """Return the hidden factors of each small area; mean 0, sd 1 but student and inner."""
    areas, points = world.areas, world.points
    large = areas["sort"].isin(["city", "port"]).to_numpy(dtype=float)
    inner = np.exp(-2.2 * areas["reach"].to_numpy()) * large
    by_the_sea = areas["sort"].isin(["resort", "rural", "island"]).to_numpy(dtype=float)
    seaside = np.exp(-_sea_km(world) / 2.5) * by_the_sea
    rural = areas["sort"].isin(["rural", "island"]).to_numpy(dtype=float)
    resort = (areas["sort"] == "resort").to_numpy(dtype=float)
    estate = sum(_near(points, centre, 1100.0) for centre in _ESTATES)
    student = _near(points, _CAMPUS, 700.0) * (areas["sort"] == "city").to_numpy(dtype=float)
    own = random.normal(0.0, 1.0, (len(areas), 4))
    deprived = (
        1.6 * inner + 1.5 * estate + 0.5 * resort - 0.5 * rural
        + 0.7 * smooth_field(random, points, 1500.0) + 0.65 * own[:, 0]
    )  # fmt: skip
    old = (
        1.7 * seaside + 0.9 * resort + 0.7 * rural - 1.5 * inner - 1.2 * student - 0.5 * estate
        + 0.6 * smooth_field(random, points, 2500.0) + 0.6 * own[:, 1]
    )  # fmt: skip
    abroad = (
        2.2 * inner + 0.5 * student - 0.6 * rural - 0.35 * old
        + 0.5 * smooth_field(random, points, 2000.0) + 0.45 * own[:, 2]
    )  # fmt: skip
    city_km = np.hypot(*(points / 1000.0 - np.array(_CAMPUS)).T)
    remote = rural * (1.2 + 0.05 * city_km) + 0.2 * resort + 0.35 * own[:, 3]
    frame = {
        "deprived": _standard(deprived),
        "old": _standard(old),
        "abroad": _standard(abroad),
        "student": student,
        "remote": _standard(remote),
        "inner": inner,
    }
    return pd.DataFrame(frame, columns=list(FACTORS))


def _near(points: Points, centre_km: tuple[float, float], width_m: float) -> Values:
    away = np.hypot(*(points - np.array(centre_km) * 1000.0).T)
    bump: Values = np.exp(-0.5 * (away / width_m) ** 2)
    return bump


def _sea_km(world: World) -> Values:
    # Degrees of latitude are near enough here: the distance only has to fade inland.
    inside = shapely.point_on_surface(world.polygons)
    away: Values = shapely.distance(inside, world.coast.boundary) * METRES_A_DEGREE / 1000.0
    return away


def _standard(values: Values) -> Values:
    scaled: Values = (values - values.mean()) / values.std()
    return scaled
