"""The land: a hand-drawn coast and towns, in metres on a flat plane, roughened by a seed.

The plane is a patch of open North Sea, about 60 by 50 km, between the Yorkshire coast and the
Dogger Bank: x runs east and y runs north from its south-west corner. Nobody lives there, and no
real small area is within 80 km, so that the county cannot be mistaken for one.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Points = NDArray[np.float64]

ORIGIN_LONGITUDE, ORIGIN_LATITUDE = 0.75, 54.42
METRES_A_DEGREE = 111_200.0

# Control points in km, clockwise. The notch on the east side, from (51, 27) to (50, 20), is the
# estuary.
MAINLAND = (
    "2.6,31.5 3.4,35.5 6.8,36.8 6.2,40 9,42.6 12.5,41.6 14.5,44.6 19,44 21,46.4 25,45.4 "
    "28,48.2 32.5,46.6 36,44.9 40,46.6 43,46.2 44.2,43 48,42.4 49.6,38.6 53.4,38.2 53,34.6 "
    "55.4,31.4 51.6,30 51.2,27 48,25.4 44,25.0 40,24.2 36.5,23.4 33.5,22.8 31.6,22.5 "
    "31.6,22.0 33.8,21.9 37,21.9 40,22.3 43.5,22.4 47,21.2 50.4,19.6 49.6,16.4 52.6,13.4 "
    "50.2,11.4 51,7.6 47,7 45,3.8 41,5.2 37.6,2.2 33.4,3.4 30.4,2.0 27,3.4 24.6,1.6 21,3.4 "
    "17.4,2.6 15,5.6 11,5.4 10.6,9.4 6.8,11 9.4,14 13,16.6 12.4,20 8.8,20.4 7,23.6 2.4,23.4 "
    "4,27"
)
ISLAND = "56.2,22.5 58,23.4 59.4,22.2 59,19.4 57.2,18.2 55.6,19.8"


@dataclass(frozen=True)
class Settlement:
    """A town: where it is, how large, what sort of place, and whose area it is in."""

    name: str
    x_km: float
    y_km: float
    areas_of_320: int
    sort: str
    authority: str


SETTLEMENTS = (
    Settlement("Sampleford", 29.6, 22.6, 104, "city", "Sampleford"),
    Settlement("Samplehaven", 48.6, 28.0, 46, "port", "Samplehaven"),
    Settlement("Sample-on-Sea", 31.0, 4.6, 26, "resort", "Sample Vale"),
    Settlement("Market Sample", 20.0, 13.5, 20, "market", "Sample Vale"),
    Settlement("Nether Sample", 22.0, 36.0, 18, "market", "Nether Sample"),
    Settlement("Patternmouth", 37.5, 44.5, 15, "resort", "Nether Sample"),
    Settlement("Swatchbury", 43.0, 13.0, 14, "market", "Samplehaven"),
    Settlement("Abersampl", 6.8, 29.0, 20, "market", "Abersampl"),
)
ISLAND_NAME, ISLAND_AUTHORITY = "Specimen Island", "Samplehaven"

# Rural land goes to the authority of the nearest of these points, in km.
RURAL_ANCHORS = {
    "Sampleford": ((29.6, 22.6),),
    "Samplehaven": ((48.6, 28.0), (47.0, 34.5), (44.5, 17.0), (45.0, 9.5), (57.5, 21.0)),
    "Nether Sample": ((22.0, 36.0), (37.5, 42.0), (29.0, 32.5), (38.5, 33.0)),
    "Sample Vale": ((20.0, 13.5), (31.0, 6.0), (36.0, 12.5), (14.0, 11.0), (18.0, 22.0)),
    "Abersampl": ((6.8, 29.0), (8.5, 36.0), (9.5, 24.0)),
}


def authority_of(x: Points, y: Points) -> list[str]:
    """Return the local authority of rural points, given in metres."""
    names = [name for name, anchors in RURAL_ANCHORS.items() for _ in anchors]
    anchors = np.array([anchor for group in RURAL_ANCHORS.values() for anchor in group]) * 1000.0
    distance = np.hypot(x[:, None] - anchors[:, 0], y[:, None] - anchors[:, 1])
    # The city's boundary is drawn tight, so its anchor pulls less than the others.
    distance[:, np.array(names) == "Sampleford"] *= 1.35
    return [names[nearest] for nearest in distance.argmin(axis=1)]


def roughen(
    line: Points,
    random: np.random.Generator,
    *,
    step_m: float,
    share: float,
    most_m: float = np.inf,
) -> Points:
    """Return a line with midpoints pushed aside again and again until no step is over ``step_m``.

    Each midpoint moves across its step by a normal draw with standard deviation ``share`` of the
    step's length, cut at twice that and, all rounds together, at ``most_m``. End points stay.
    ``line`` is (n, 2); the result is (m, 2).
    """
    while True:
        most_m /= 2
        steps = np.diff(line, axis=0)
        length = np.hypot(steps[:, 0], steps[:, 1])
        long = length > step_m
        if not long.any():
            return line
        limit = np.minimum(2 * share, most_m / length)
        push = np.clip(random.normal(0.0, share, len(steps)), -limit, limit)
        across = np.column_stack([-steps[:, 1], steps[:, 0]])
        middle = line[:-1] + steps / 2 + across * push[:, None]
        line = np.insert(line, np.nonzero(long)[0] + 1, middle[long], axis=0)


def _ring(text: str, random: np.random.Generator) -> shapely.Polygon:
    corners = (
        np.array([[float(part) for part in pair.split(",")] for pair in text.split()]) * 1000.0
    )
    # Chaikin's corner cutting: the hand-drawn outline becomes a curve.
    following = np.roll(corners, -1, axis=0)
    cut = np.stack([0.75 * corners + 0.25 * following, 0.25 * corners + 0.75 * following], 1)
    corners = cut.reshape(-1, 2)
    closed = np.vstack([corners, corners[:1]])
    rough = roughen(closed, random, step_m=200.0, share=0.16, most_m=500.0)
    whole = shapely.make_valid(shapely.Polygon(rough))
    largest: shapely.Polygon = max(shapely.get_parts(whole), key=shapely.area)
    return largest


def land(random: np.random.Generator) -> shapely.MultiPolygon:
    """Return the mainland and the island, in metres."""
    mainland, island = _ring(MAINLAND, random), _ring(ISLAND, random)
    return shapely.MultiPolygon([mainland, island])


def to_degrees(points: Points) -> Points:
    """Return longitude and latitude of points in metres; (n, 2) to (n, 2).

    Plain equirectangular: the county is invented, so no survey grid has to be honoured.
    """
    shrink = np.cos(np.radians(ORIGIN_LATITUDE + 0.22))
    longitude = ORIGIN_LONGITUDE + points[:, 0] / (METRES_A_DEGREE * shrink)
    return np.column_stack([longitude, ORIGIN_LATITUDE + points[:, 1] / METRES_A_DEGREE])
