"""GP practices and the areas of their patients, approximated by distance.

The source does not say where patients live. Three approximations of the small areas they come from:

    nearest: the nearest small areas, until they hold as many residents as it has patients
    kernel:  small areas within 3 km, residents weighted by exp(-d^2 / 2 s^2) with s = 1 km; the
             practice's own area if none is so close
    own:     the small area that contains the practice
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.postcode_index import PostcodeIndex
from exclusion_map.sources import files

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

SOURCE = "nhs-pomi-2020"
FILE = "pomi_2020_12.csv"
FEWEST_PATIENTS = 1_000
"""Smaller lists mostly belong to special services, such as for homeless people or barracks."""
METHODS = ("nearest", "kernel", "own")
REACH_M = 3_000.0
BANDWIDTH_M = 1_000.0
_METRES_A_DEGREE = 111_195.0

_COUNTS = {
    "patient_list_size": "patients",
    "total_pat_enbld": "enabled",
    "total_patients": "all_ages",
    "older_popn_unwtd": "older",
}


@dataclass(frozen=True, eq=False)
class Practices:
    """The p practices that can be compared.

    Attributes:
        codes: (p,) practice codes.
        patients: (p,) list sizes.
        not_enabled: (p,) per cent of patients not enabled.
        older: (p,) share of patients aged 65 and over.
        longitude: (p,) degrees.
        latitude: (p,) degrees.
        area: (p,) row of the small area that contains each practice.
        listed: number of practices in the file.
        left_out: number of practices left out, by reason.
    """

    codes: npt.NDArray[np.str_]
    patients: Floats
    not_enabled: Floats
    older: Floats
    longitude: Floats
    latitude: Floats
    area: Rows
    listed: int
    left_out: dict[str, int]


@dataclass(frozen=True, eq=False)
class Catchments:
    """The small areas assigned to each practice: a sparse matrix, sorted by practice.

    Attributes:
        practice: (z,) row of the practice, ascending.
        area: (z,) row of the small area.
        weight: (z,) weight in residents.
        count: number of practices.
    """

    practice: Rows
    area: Rows
    weight: Floats
    count: int

    def mean(self, values: Floats) -> Floats:
        """Return weighted means (practices,) of values (areas,), over areas with a value."""
        column = values[self.area]
        weight = np.where(np.isnan(column), 0.0, self.weight)
        total = np.bincount(self.practice, weights=weight, minlength=self.count)
        summed = np.bincount(
            self.practice, weights=weight * np.nan_to_num(column), minlength=self.count
        )
        found: Floats = np.divide(summed, total, out=np.full(self.count, np.nan), where=total > 0)
        return found


def read_practices(raw_dir: Path, postcodes: PostcodeIndex) -> Practices:
    """Return the practices that can be compared, located by postcode.

    Raises:
        SourceMissingError: the file is missing.
        SourceError: a column is missing, a practice is repeated, or a cell is not a number.
    """
    frame = _read(files.find(raw_dir, SOURCE, FILE))
    listed, left_out = len(frame), {}

    def keep(part: "pd.DataFrame", flags: "pd.Series[bool]", reason: str) -> "pd.DataFrame":
        left_out[reason] = int((~flags).sum())
        return part[flags]

    frame = keep(frame, frame["enabled"].notna(), "no count of patients enabled")
    frame = keep(
        frame,
        frame["patients"] >= FEWEST_PATIENTS,
        f"fewer than {FEWEST_PATIENTS:,} patients: mostly special services",
    )
    frame = keep(frame, frame["enabled"] <= frame["patients"], "more enabled than registered")
    places = np.array([_place(postcodes, one) for one in frame["postcode"]]).reshape(-1, 3)
    frame = frame.assign(longitude=places[:, 0], latitude=places[:, 1], area=places[:, 2])
    frame = keep(frame, frame["area"] >= 0, "an unknown postcode, or one outside these areas")
    return Practices(
        codes=frame["practice_code"].to_numpy(dtype=np.str_),
        patients=frame["patients"].to_numpy(dtype=np.float64),
        not_enabled=(100 - 100 * frame["enabled"] / frame["patients"]).to_numpy(dtype=np.float64),
        older=(frame["older"] / frame["all_ages"]).to_numpy(dtype=np.float64),
        longitude=frame["longitude"].to_numpy(),
        latitude=frame["latitude"].to_numpy(),
        area=frame["area"].to_numpy(dtype=np.intp),
        listed=listed,
        left_out=left_out,
    )


def _read(path: Path) -> "pd.DataFrame":
    """Return the practices in a file, each once, with renamed columns."""
    import pandas as pd

    from exclusion_map.sources.readers.counts import WITHHELD, to_numbers
    from exclusion_map.sources.readers.text import read_csv

    names = ("practice_code", "postcode")
    frame = read_csv(path, (*names, *_COUNTS), key=names[:1], needs_rows=True)
    codes = pd.Index(frame["practice_code"])
    counts = {
        name: to_numbers(frame[column], codes, path, markers=WITHHELD, allow_empty=True)[0]
        for column, name in _COUNTS.items()
    }
    return frame[list(names)].assign(**counts)


def _place(postcodes: PostcodeIndex, text: object) -> tuple[float, float, float]:
    """Return longitude, latitude and row of the area; row -1 if unknown or off the map."""
    try:
        found = postcodes.find(str(text))
    except InvalidRequestError:
        found = None
    if found is None or found.longitude is None or found.latitude is None:
        return (np.nan, np.nan, -1)
    return (found.longitude, found.latitude, found.area)


def catchment(method: str, practices: Practices, small: "pd.DataFrame") -> Catchments:
    """Return the small areas assigned to each practice.

    Args:
        method: "nearest", "kernel" or "own", see above.
        practices: the practices.
        small: population, longitude and latitude of the small areas.

    Raises:
        InvalidRequestError: there is no such method.
    """
    if method not in METHODS:
        raise InvalidRequestError(
            "catchment of practices", found=repr(method), expected=", ".join(METHODS)
        )
    people = small["population"].to_numpy(dtype=np.float64)
    count = len(practices.codes)
    if method == "own":
        return Catchments(np.arange(count), practices.area, np.ones(count), count)
    near = _Near(small["longitude"].to_numpy(), small["latitude"].to_numpy())
    parts = [
        _nearest(near, practices, row, people)
        if method == "nearest"
        else _kernel(near, practices, row, people)
        for row in range(count)
    ]
    return Catchments(
        practice=np.repeat(np.arange(count), [len(areas) for areas, _ in parts]),
        area=np.concatenate([areas for areas, _ in parts]),
        weight=np.concatenate([weight for _, weight in parts]),
        count=count,
    )


class _Near:
    """Points sorted by latitude, so that those near a location are within a slice."""

    def __init__(self, longitude: Floats, latitude: Floats) -> None:
        self.order = np.argsort(latitude)
        self.longitude, self.latitude = longitude[self.order], latitude[self.order]

    def within(self, longitude: float, latitude: float, metres: float) -> tuple[Rows, Floats]:
        """Return rows of the points within a distance (metres), and their distances, nearest first.

        Uses a tangent plane, which is accurate to a metre over tens of kilometres.
        """
        band = metres / _METRES_A_DEGREE
        first, last = np.searchsorted(self.latitude, [latitude - band, latitude + band])
        north = (self.latitude[first:last] - latitude) * _METRES_A_DEGREE
        east = (self.longitude[first:last] - longitude) * _METRES_A_DEGREE
        away = np.hypot(north, east * np.cos(np.radians(latitude)))
        close = np.flatnonzero(away <= metres)
        close = close[np.argsort(away[close], kind="stable")]
        return self.order[first:last][close], away[close]


def _nearest(near: _Near, practices: Practices, row: int, people: Floats) -> tuple[Rows, Floats]:
    """Return the nearest areas that together hold the practice's patients, the last in part."""
    wanted, metres = practices.patients[row], REACH_M
    while True:
        areas, _ = near.within(practices.longitude[row], practices.latitude[row], metres)
        upto = np.cumsum(people[areas])
        if len(areas) == len(people) or (len(areas) and upto[-1] >= wanted):
            break
        metres *= 2
    last = min(int(np.searchsorted(upto, wanted)) + 1, len(areas))
    areas, weight = areas[:last], people[areas[:last]].copy()
    weight[-1] -= max(float(upto[last - 1] - wanted), 0.0)
    return areas, weight


def _kernel(near: _Near, practices: Practices, row: int, people: Floats) -> tuple[Rows, Floats]:
    areas, away = near.within(practices.longitude[row], practices.latitude[row], REACH_M)
    if not len(areas):
        return practices.area[row : row + 1], np.ones(1)
    return areas, people[areas] * np.exp(-(away**2) / (2 * BANDWIDTH_M**2))
